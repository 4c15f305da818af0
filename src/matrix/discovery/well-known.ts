import { BridgeError } from "../../core/model/errors.ts";
import { fieldOf } from "../http/json.ts";
import { isNear, type Web } from "./web.ts";

/** Redirects that are followed. */
const MOST_REDIRECTS = 5;

export type WellKnown =
  | { readonly kind: "found"; readonly value: string; readonly url: string }
  /** There is none, which is no fault; `why` says what was met instead. */
  | { readonly kind: "none"; readonly url: string; readonly why: string };

const broken = (words: string): BridgeError => new BridgeError("bad-input", { words, certain: true });

/** The host of a server name, without its port. */
export const hostOf = (serverName: string): string => serverName.replace(/:\d+$/, "");

/**
 * The homeserver's address as a server name's `/.well-known/matrix/client` has it (Matrix 1.17, Client-Server API,
 * Server Discovery). Throws BridgeError with words where the file is there and says nothing of use.
 */
export async function clientWellKnown(web: Web, serverName: string): Promise<WellKnown> {
  const url = `https://${hostOf(serverName)}/.well-known/matrix/client`;
  const said = await readWellKnown(web, url, (body) => fieldOf(fieldOf(body, "m.homeserver"), "base_url"));
  if (said.kind === "none") return said;
  const address = URL.parse(said.value);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw broken(
      `${url} names “${shown(said.value)}” as the homeserver, which is no http(s) address. Mend the file, or give the homeserver's address itself.`,
    );
  }
  await refuseStrayNear(web, hostOf(serverName), address, url);
  return { ...said, value: address.href.replace(/\/+$/, "") };
}

/** Where a server name's federation is, as its `/.well-known/matrix/server` has it: `host:port`. Throws as above. */
export async function serverWellKnown(web: Web, serverName: string): Promise<WellKnown> {
  const url = `https://${hostOf(serverName)}/.well-known/matrix/server`;
  const said = await readWellKnown(web, url, (body) => fieldOf(body, "m.server"));
  if (said.kind === "none") return said;
  const address = URL.parse(`https://${said.value}`);
  if (address === null || address.pathname !== "/") {
    throw broken(
      `${url} names “${shown(said.value)}” as the server, which is no host name. Mend the file, or give the homeserver's address itself.`,
    );
  }
  await refuseStrayNear(web, hostOf(serverName), address, url);
  return said;
}

/** A file on the Internet has no business to name an address that only the asker's own network reaches. */
async function refuseStrayNear(web: Web, host: string, { hostname }: URL, url: string): Promise<void> {
  const named = await web.addressesOf(hostname);
  const stray = named.find(isNear);
  if (stray === undefined) return;
  const own = await web.addressesOf(host);
  if (own.length === 0 || own.some(isNear)) return;
  throw broken(
    `${url} names ${hostname} (${stray}), an address of this machine or a private network, though the file itself is on the Internet. If that is your homeserver, give its address itself.`,
  );
}

async function readWellKnown(
  web: Web,
  first: string,
  valueIn: (body: unknown) => unknown,
): Promise<WellKnown> {
  let url = first;
  const seen = new Set<string>();
  for (;;) {
    if (seen.has(url) || seen.size > MOST_REDIRECTS) {
      throw broken(
        `${first} sends whoever asks from one address to the next without an end. Mend its redirects, or give the homeserver's address itself.`,
      );
    }
    seen.add(url);
    const answer = await web.get(url);
    if (answer.kind === "silence") {
      if (url === first) return { kind: "none", url: first, why: `does not answer (${answer.code})` };
      throw broken(
        `${first} sends whoever asks to ${url}, which does not answer (${answer.code}). Mend its redirects, or give the homeserver's address itself.`,
      );
    }
    const { status, location, body } = answer;
    if (status >= 300 && status < 400 && location !== undefined) {
      const next = URL.parse(location, url);
      if (next === null || next.protocol !== "https:") {
        throw broken(
          `${first} sends whoever asks to “${shown(location)}”, which is no https address. Mend its redirects, or give the homeserver's address itself.`,
        );
      }
      url = next.href;
      continue;
    }
    if (status === 404) return { kind: "none", url: first, why: "is not there" };
    if (status !== 200) {
      throw broken(
        `${first} answers with status ${status}. Mend it, or give the homeserver's address itself.`,
      );
    }
    const value = valueIn(body);
    if (typeof value === "string" && value !== "") return { kind: "found", value, url: first };
    const what = body === undefined ? "is not JSON" : "names no homeserver";
    throw broken(`${first} ${what}. Mend the file, or give the homeserver's address itself.`);
  }
}

/** Somebody else's text, short and on one line. */
const shown = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 100);
