import { BridgeError } from "../../core/model/errors.ts";
import { assertNewEnough } from "../health/new-enough.ts";
import { checkReachable } from "../health/reachable.ts";
import { identityOf, type ServerIdentity } from "../health/server-identity.ts";
import { Requests } from "../http/requests.ts";
import { answersFor, nameAt, nameByFederation } from "./server-name.ts";
import { systemWeb, type Web } from "./web.ts";
import { clientWellKnown, hostOf, type WellKnown } from "./well-known.ts";

/** What somebody says of their homeserver; at least one of the two. */
export interface Asked {
  readonly serverName?: string;
  readonly address?: string;
}

/** A homeserver that answers. */
export interface FoundHomeserver {
  /** Without a slash at its end. */
  readonly url: string;
  readonly serverName: string;
  readonly identity: ServerIdentity;
  /** How it was found, as the end of a sentence that begins with its name. */
  readonly how: string;
}

/** Where a homeserver is that runs on this machine, unless somebody chose otherwise. */
const HERE = "http://127.0.0.1:8008";

const wrong = (words: string): BridgeError => new BridgeError("bad-input", { words, certain: true });

/** The homeserver at the usual address of this machine, where one says its name there. */
export async function homeserverHere(web: Web = systemWeb): Promise<string | undefined> {
  return nameAt(web, HERE);
}

/**
 * Finds the homeserver, and makes sure which it is; `here` is where one of this machine is looked for first. Throws
 * BridgeError with words for whoever asked.
 */
export async function findHomeserver(
  { serverName, address }: Asked,
  web: Web = systemWeb,
  here = HERE,
): Promise<FoundHomeserver> {
  if (address !== undefined)
    return at(web, { url: address, claimed: serverName, how: "at the address you gave" });
  if (serverName === undefined) throw wrong("Say which homeserver is yours: its name, or its address.");
  if ((await nameAt(web, here)) === serverName) {
    return at(web, { url: here, claimed: serverName, how: "on this machine" });
  }
  const told = await clientWellKnown(web, serverName);
  if (told.kind === "found")
    return at(web, { url: told.value, claimed: serverName, how: `by ${told.url}`, told });
  const url = `https://${serverName}`;
  return at(web, { url, claimed: serverName, how: "at its own name", told });
}

interface Candidate {
  readonly url: string;
  /** The name it is to have; undefined where it is to tell. */
  readonly claimed: string | undefined;
  readonly how: string;
  readonly told?: WellKnown;
}

async function at(web: Web, { url, claimed, how, told }: Candidate): Promise<FoundHomeserver> {
  await using requests = new Requests({
    homeserverUrl: url,
    asToken: "",
    connections: 1,
    maxResponse: 1024 * 1024,
  });
  try {
    await checkReachable(requests, url, "given");
  } catch (error) {
    if (told?.kind !== "none" || !(error instanceof BridgeError)) throw error;
    throw wrong(
      `${claimed} was not found: ${told.url} ${told.why}, nor does a homeserver of that name answer at ${HERE} or ${url}. Correct the name, or give the homeserver's address too, as in “${claimed} http://127.0.0.1:8008”.`,
    );
  }
  const identity = await identityOf(requests);
  assertNewEnough(identity);
  const serverName = await trueName(web, requests, { url, claimed });
  return { url, serverName, identity, how };
}

async function trueName(
  web: Web,
  requests: Requests,
  { url, claimed }: Pick<Candidate, "url" | "claimed">,
): Promise<string> {
  const own = await nameAt(web, url);
  if (claimed === undefined) {
    if (own !== undefined) return own;
    throw wrong(
      `The homeserver at ${url} does not say its server_name there, as it serves no federation. Give the name too, as in “example.org ${url}”.`,
    );
  }
  const told = own ?? (await answersFor(requests, claimed));
  if (told === claimed || told === true) return claimed;
  if (typeof told === "string") {
    throw wrong(
      `The homeserver at ${url} is ${told}, not ${claimed}. Matrix ids there end in :${told}; give that name, or another address.`,
    );
  }
  const federated = told === undefined ? await nameByFederation(web, claimed) : undefined;
  if (federated === claimed || (told === undefined && federated === undefined)) return claimed;
  if (federated !== undefined)
    throw wrong(
      `What ${hostOf(claimed)} leads to is the homeserver ${federated}, not ${claimed}. Correct the name.`,
    );
  throw wrong(
    `The homeserver at ${url} is not ${claimed}: it asks other servers for the rooms of that name. Give its own server_name, as its homeserver.yaml has it.`,
  );
}
