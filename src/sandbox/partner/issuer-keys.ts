import { createLocalJWKSet } from "jose";
import { z } from "zod";

const configuration = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).max(64) });

const timeoutMs = 5000;
const maxBytes = 64 << 10;
const freshMs = 300_000;
/** How long an answer stands against a key id that it lacks; then the issuer is asked again. */
const askAgainMs = 500;

/** Thrown when the issuer's keys cannot be fetched; the token may be right or wrong. */
export class KeysUnreachable extends Error {
  constructor(words: string) {
    super(words);
    this.name = "KeysUnreachable";
  }
}

async function fetchJson(address: string): Promise<unknown> {
  let response: Response;
  try {
    // A redirect is never followed: it is refused like every answer but 200.
    response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new KeysUnreachable("The issuer's key server does not answer.");
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new KeysUnreachable(`The issuer's key server answered ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBytes) throw new Error("too long");
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new KeysUnreachable("The issuer's key server sent something unreadable.");
  }
}

export type IssuerKeys = ReturnType<typeof createLocalJWKSet>;

interface Cached {
  readonly keys: IssuerKeys;
  readonly kids: ReadonlySet<string>;
  readonly at: number;
}

/**
 * Keys of allow-listed issuers by `{iss}/.well-known/openid-configuration` → `jwks_uri` (OpenID Connect Discovery),
 * fetched again after five minutes or when a token names a key that is not among them.
 */
export function issuerKeys(now: () => number = () => performance.now()) {
  const cache = new Map<string, Cached>();
  const running = new Map<string, Promise<Cached>>();

  async function load(iss: string): Promise<Cached> {
    const found = configuration.safeParse(
      await fetchJson(`${iss.replace(/\/$/, "")}/.well-known/openid-configuration`),
    );
    if (!found.success || found.data.issuer !== iss) {
      throw new KeysUnreachable("The issuer's openid-configuration is not its own.");
    }
    const set = keySet.safeParse(await fetchJson(found.data.jwks_uri));
    if (!set.success) throw new KeysUnreachable("The issuer's key set is malformed.");
    const kids = new Set(set.data.keys.map(({ kid }) => kid));
    return { keys: createLocalJWKSet(set.data), kids, at: now() };
  }

  return async (iss: string, kid: string): Promise<IssuerKeys> => {
    const cached = cache.get(iss);
    if (cached !== undefined) {
      const age = now() - cached.at;
      if (age < (cached.kids.has(kid) ? freshMs : askAgainMs)) return cached.keys;
    }
    const asking = running.get(iss) ?? load(iss).finally(() => running.delete(iss));
    running.set(iss, asking);
    const fresh = await asking;
    cache.set(iss, fresh);
    return fresh.keys;
  };
}
