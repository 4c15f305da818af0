import { z } from "zod";
import type { Clock } from "../../../core/ports/clock.ts";
import type { NetworkTrouble } from "../../../core/ports/network.ts";
import type { JwtKeys } from "../account/jwt-keys.ts";
import type { Profile } from "../profile.ts";
import { linkTrouble } from "./link-trouble.ts";

/** Milliseconds. */
const TIMEOUT = 10_000;
const MAX_BODY = 256 * 1024;
/** The difference between clocks, in milliseconds, up to which tokens are accepted. */
const CLOCK_TOLERANCE = 30_000;

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })) });
const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

export interface NetworkCheckParts {
  readonly profile: Pick<Profile, "id" | "name">;
  /** The network's interface, without a slash at the end. */
  readonly url: string;
  /** This bridge's public address, and the keys it publishes there. */
  readonly issuer: string;
  readonly keys: Pick<JwtKeys, "published">;
  readonly clock: Clock;
}

/**
 * Checks without a login what is wrong between this bridge and a network: its key set (RFC 7517), which names nobody,
 * must be there; our clocks must agree; and our public address must show our own keys, as the network fetches them
 * (OpenID Connect Discovery 1.0, 4).
 */
export async function checkNetwork(parts: NetworkCheckParts): Promise<NetworkTrouble | undefined> {
  return (await checkLink(parts)) ?? (await checkProof(parts));
}

/** Whether the network answers as one at its address, and has our time. */
export async function checkLink({
  profile,
  url,
  clock,
}: Pick<NetworkCheckParts, "profile" | "url" | "clock">): Promise<NetworkTrouble | undefined> {
  const address = `${url}/.well-known/jwks.json`;
  let answer: CheckedAnswer;
  try {
    answer = await get(address);
  } catch (fault) {
    return linkTrouble({ ...profile, address: url }, fault);
  }
  if (answer.status >= 500) {
    return {
      kind: "link",
      address: url,
      what: `${profile.name} has a fault of its own (status ${answer.status}).`,
      cure: "There is nothing to do here; the bridge goes on trying.",
    };
  }
  if (answer.status !== 200 || !keySet.safeParse(answer.body).success) {
    return {
      kind: "link",
      address: url,
      what: `What answers at ${url} is not ${profile.name}'s interface for third parties (status ${answer.status}).`,
      cure: `Correct networks.${profile.id}.url.`,
    };
  }
  const ahead = answer.date === undefined ? 0 : clock.now() - answer.date;
  if (Math.abs(ahead) < CLOCK_TOLERANCE) return undefined;
  return {
    kind: "proof",
    address: url,
    what: `This machine's clock is ${Math.round(Math.abs(ahead) / 1_000)} seconds ${ahead > 0 ? "ahead of" : "behind"} ${profile.name}'s.`,
    cure: "Set the clock, and keep it right with NTP: the proofs of who people are hold for some minutes only.",
  };
}

/** Whether our public address shows our keys, as networks fetch them. */
export async function checkProof({
  issuer,
  keys,
}: Pick<NetworkCheckParts, "issuer" | "keys">): Promise<NetworkTrouble | undefined> {
  const configuration = `${issuer}/.well-known/openid-configuration`;
  const trouble = (address: string, what: string): NetworkTrouble => ({
    kind: "proof",
    address,
    what,
    cure: "Networks fetch this bridge's keys there. Check networks.meta_interop.partner.url, and that the reverse proxy passes it on to the listen beside it; a machine that cannot reach its own public address sees this too, until somebody is connected.",
  });
  let requested = configuration;
  try {
    const answer = await get(requested);
    const read = discovery.safeParse(answer.body);
    if (answer.status !== 200 || !read.success) {
      return trouble(requested, `What answers at ${requested} is not this bridge (status ${answer.status}).`);
    }
    if (read.data.issuer !== issuer) {
      return trouble(requested, `What answers at ${requested} gives another address as its own.`);
    }
    requested = read.data.jwks_uri;
    if (await showsOurs(requested, keys)) return undefined;
    return trouble(requested, `The keys at ${requested} are not this bridge's.`);
  } catch (fault) {
    const { what } = linkTrouble({ name: "This bridge", id: "", address: requested }, fault);
    return trouble(requested, `The bridge's own public address cannot be used from here. ${what}`);
  }
}

/** Whether the key set at an address has all of our keys. Rejects where nothing answers. */
export async function showsOurs(address: string, keys: NetworkCheckParts["keys"]): Promise<boolean> {
  const published = keySet.safeParse((await get(address)).body);
  const shown = new Set(published.success ? published.data.keys.map(({ kid }) => kid) : []);
  return (await keys.published()).keys.every(({ kid }) => shown.has(kid));
}

interface CheckedAnswer {
  readonly status: number;
  /** The JSON; undefined where it is none. */
  readonly body: unknown;
  /** The other side's clock, in milliseconds since the epoch. */
  readonly date: number | undefined;
}

/** Rejects where nothing answers. A redirect counts as an answer and is not followed. */
async function get(address: string): Promise<CheckedAnswer> {
  const response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
  const date = Date.parse(response.headers.get("date") ?? "");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY) break;
    chunks.push(chunk);
  }
  return {
    status: response.status,
    body: size > MAX_BODY ? undefined : parseJson(Buffer.concat(chunks).toString("utf8")),
    date: Number.isNaN(date) ? undefined : date,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
