import type { Reply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

/** What a homeserver says it is; either is undefined where it does not say so in good form. */
export interface ServerIdentity {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

const TIMEOUT = 10_000;
/** It is repeated to the administrator, so nothing else is taken for a name or a version. */
const PLAIN = /^[\w.+-][\w .,:;=()/+~-]{0,79}$/;

const plain = (value: unknown): string | undefined =>
  typeof value === "string" && PLAIN.test(value) ? value : undefined;

/**
 * Asks the federation's version address, the one that names the server. Many keep it closed to where bridges are, and
 * a proxy may answer there with anything; then the homeserver is nameless, which is no fault. The version alone, at
 * Synapse's administration address, proves nothing: other products answer there with theirs. Synapse refuses our token
 * there, as one that no other homeserver has.
 */
export async function identityOf(requests: Requests): Promise<ServerIdentity> {
  const { body } = await answerOf(requests);
  const server = fieldOf(body, "server");
  return { name: plain(fieldOf(server, "name")), version: plain(fieldOf(server, "version")) };
}

async function answerOf(requests: Requests): Promise<Pick<Reply, "body">> {
  const path = route`/_matrix/federation/v1/version`;
  try {
    const reply = await requests.ask({ method: "GET", path, anonymous: true, timeout: TIMEOUT });
    return reply.status === 200 ? reply : { body: undefined };
  } catch {
    return { body: undefined };
  }
}

/** `Synapse 1.163.2`, as the subject of a sentence. */
export function titleOf({ name, version }: ServerIdentity): string {
  if (name === undefined) return "This homeserver";
  return version === undefined ? name : `${name} ${version}`;
}
