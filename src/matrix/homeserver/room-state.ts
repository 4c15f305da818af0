import { isDeepStrictEqual } from "node:util";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { type Requests, route } from "../http/requests.ts";

export type Content = Readonly<Record<string, unknown>>;

/** The content of a state event, read as a member of the room; undefined where there is none. */
export async function getState(
  requests: Requests,
  as: UserId,
  { room, type, stateKey }: { readonly room: RoomId; readonly type: string; readonly stateKey: string },
): Promise<Content | undefined> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  const reply = await requests.ask({ method: "GET", path, as });
  const { status, body } = reply;
  if (isAbsent(reply)) return undefined;
  if (status === 200 && typeof body === "object" && body !== null) return body as Content;
  throw faultOfReply(reply);
}

interface StateToSet {
  readonly bot: UserId;
  readonly as: UserId;
  readonly room: RoomId;
  readonly type: string;
  readonly stateKey: string;
  readonly content: object;
}

/** Sets a state event unless its content is the same; one that does not exist counts as empty. */
export async function setState(requests: Requests, wanted: StateToSet): Promise<void> {
  const { bot, as, room, type, stateKey, content } = wanted;
  const now = (await getState(requests, bot, { room, type, stateKey })) ?? {};
  if (isDeepStrictEqual(now, content)) return;
  const path = route`/_matrix/client/v3/rooms/${room}/state/${type}/${stateKey}`;
  await requests.json({ method: "PUT", path, as, body: content });
}
