import type { Reply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { Requests, route } from "../http/requests.ts";

/** The name and version that a homeserver states; undefined where it states none, or one that is not plain text. */
export interface ServerIdentity {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

const TIMEOUT = 10_000;
/** What may be a name or a version, as the administrator is shown it. */
const PLAIN = /^[\w.+-][\w .,:;=()/+~-]{0,79}$/;

const plain = (value: unknown): string | undefined =>
  typeof value === "string" && PLAIN.test(value) ? value : undefined;

/**
 * Asks the federation API's version address, the one that names the server, without our token, which Synapse would
 * refuse there. Many homeservers do not serve it to bridges, and a proxy may answer anything: then there is no name.
 * Synapse's admin API is no substitute, as other products answer there too.
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

/** What the homeserver at an address says it is; undefined where it does not. */
export async function homeserverTitle(homeserverUrl: string): Promise<string | undefined> {
  await using requests = new Requests({ homeserverUrl, asToken: "", connections: 1 });
  const identity = await identityOf(requests);
  return identity.name === undefined ? undefined : titleOf(identity);
}
