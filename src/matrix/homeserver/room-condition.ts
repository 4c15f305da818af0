import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { RoomCondition, RoomUsers } from "../../core/ports/homeserver.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { PowerLevels } from "./power-levels.ts";

/** Whether and how a room can be used, by its state as the bot sees it. */
export async function roomCondition(
  requests: Requests,
  bot: UserId,
  room: RoomId,
  users: RoomUsers,
): Promise<RoomCondition> {
  const reply = await requests.ask({
    method: "GET",
    path: route`/_matrix/client/v3/rooms/${room}/state`,
    as: bot,
  });
  const { status, body } = reply;
  // The homeserver answers for a deleted room as for one that the bot was never in.
  if ((status === 403 || status === 404) && errcodeOf(body) !== undefined) return { kind: "shut" };
  if (status !== 200 || !Array.isArray(body)) throw faultOfReply(reply);
  return conditionOf(body, bot, users);
}

/** The condition by the room's state. A bot that was removed gets the state of that time, with its own removal. */
export function conditionOf(
  state: readonly unknown[],
  bot: UserId,
  { writer, reader }: RoomUsers,
): RoomCondition {
  const find = (type: string, key = ""): unknown =>
    state.find((event) => fieldOf(event, "type") === type && fieldOf(event, "state_key") === key);
  const membership = (user: UserId): unknown =>
    fieldOf(fieldOf(find("m.room.member", user), "content"), "membership");
  if (membership(bot) !== "join") return { kind: "shut" };
  const levels = new PowerLevels(find("m.room.create"), find("m.room.power_levels"));
  const tombstone = find("m.room.tombstone");
  if (tombstone !== undefined && maySend(levels, tombstone)) {
    const by = fieldOf(fieldOf(tombstone, "content"), "replacement_room");
    const at = fieldOf(tombstone, "origin_server_ts");
    return {
      kind: "replaced",
      by: typeof by === "string" && by.startsWith("!") ? (by as RoomId) : undefined,
      at: typeof at === "number" ? at : 0,
    };
  }
  // No client shows messages in a Space.
  const forMessages = fieldOf(fieldOf(find("m.room.create"), "content"), "type") !== "m.space";
  const mayInvite = levels.of(bot) >= levels.act("invite");
  const canBeIn = (user: UserId): boolean =>
    membership(user) !== "ban" && (membership(user) === "join" || membership(user) === "invite" || mayInvite);
  const mayWrite = (user: UserId): boolean =>
    forMessages && canBeIn(user) && levels.of(user) >= levels.event("m.room.message");
  if (writer !== undefined && !mayWrite(writer)) return { kind: "barred" };
  if (reader !== undefined && !canBeIn(reader)) return { kind: "barred" };
  return { kind: "usable", weak: levels.of(bot) < levels.state("m.room.power_levels") };
}

/** Whether the tombstone's sender has the power to replace the room. */
function maySend(levels: PowerLevels, tombstone: unknown): boolean {
  const sender = fieldOf(tombstone, "sender");
  return typeof sender === "string" && levels.of(sender) >= levels.state("m.room.tombstone");
}
