import { randomUUID } from "node:crypto";
import { errcodeOf } from "../http/errcode.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import type { Web } from "./web.ts";
import { hostOf, serverWellKnown } from "./well-known.ts";

/** Milliseconds. */
const TIMEOUT = 10_000;

/** The `server_name` of the homeserver at an address, by its published keys; undefined where it does not serve them. */
export async function nameAt(web: Web, address: string): Promise<string | undefined> {
  const answer = await web.get(`${address}/_matrix/key/v2/server`);
  if (answer.kind === "silence" || answer.status !== 200) return undefined;
  const name = fieldOf(answer.body, "server_name");
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The `server_name` of the homeserver that a name's federation leads to; undefined where nothing answers there. */
export async function nameByFederation(web: Web, serverName: string): Promise<string | undefined> {
  const delegated = await serverWellKnown(web, serverName);
  const at = delegated.kind === "found" ? delegated.value : serverName;
  return nameAt(web, `https://${/:\d+$/.test(at) ? at : `${hostOf(at)}:8448`}`);
}

/**
 * Whether a homeserver answers for the name itself, by asking it for an alias of that name which nobody has: its own it
 * denies, for others it asks the other server. Undefined where the answer shows neither.
 */
export async function answersFor(requests: Requests, serverName: string): Promise<boolean | undefined> {
  const path = route`/_matrix/client/v3/directory/room/${`#${randomUUID()}:${serverName}`}`;
  try {
    const reply = await requests.ask({ method: "GET", path, anonymous: true, timeout: TIMEOUT });
    if (reply.status === 404 && errcodeOf(reply.body) === "M_NOT_FOUND") return true;
    return reply.status === 403 || reply.status === 502 ? false : undefined;
  } catch {
    return undefined;
  }
}
