import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Homeserver, RoomUse } from "../../core/ports/homeserver.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { PowerLevels } from "./power-levels.ts";

type Ours = Pick<Homeserver, "bot" | "isOurs"> & { readonly readsEncrypted: boolean };

/** Types of state that the bot sets in a chat's room. */
const SET = ["m.room.power_levels", "m.room.name", "m.room.topic", "m.room.avatar", "m.bridge"];
/** Types by which bridges say which chat a room is (MSC2346). */
const BRIDGES = new Set<unknown>(["m.bridge", "uk.half-shot.bridge"]);

/** A room's use, by its state as the bot sees it; undefined where the bot is not in it. */
export async function roomUse(
  requests: Requests,
  ours: Ours,
  room: RoomId,
  person: UserId,
): Promise<RoomUse | undefined> {
  const path = route`/_matrix/client/v3/rooms/${room}/state`;
  const reply = await requests.ask({ method: "GET", path, as: ours.bot });
  const { status, body } = reply;
  if ((status === 403 || status === 404) && errcodeOf(body) !== undefined) return undefined;
  if (status !== 200 || !Array.isArray(body)) throw faultOfReply(reply);
  return roomUseOf(body, ours, person);
}

export function roomUseOf(state: readonly unknown[], ours: Ours, person: UserId): RoomUse | undefined {
  const { bot } = ours;
  const find = (type: string, key = ""): unknown =>
    state.find((event) => fieldOf(event, "type") === type && fieldOf(event, "state_key") === key);
  const content = (type: string, key = ""): unknown => fieldOf(find(type, key), "content");
  const membership = (user: unknown): unknown =>
    fieldOf(content("m.room.member", String(user)), "membership");
  if (membership(bot) !== "join") return undefined;
  const create = find("m.room.create");
  const encrypted = find("m.room.encryption") !== undefined;
  const levels = new PowerLevels(create, find("m.room.power_levels"));
  const needed = Math.max(...SET.map((type) => levels.state(type)), levels.act("invite"));
  const visibility = fieldOf(content("m.room.history_visibility"), "history_visibility");
  const people = state.flatMap((event) => {
    const user = fieldOf(event, "state_key");
    const is = fieldOf(event, "type") === "m.room.member" ? membership(user) : undefined;
    return (is === "join" || is === "invite") && !ours.isOurs(user as UserId) ? [user as UserId] : [];
  });
  return {
    madeBy: (fieldOf(create, "sender") ?? bot) as UserId,
    administered: membership(person) === "join" && levels.of(person) >= needed,
    missing: levels.of(bot) >= needed ? undefined : needed,
    unusable:
      fieldOf(content("m.room.create"), "type") === "m.space" || find("m.room.tombstone") !== undefined,
    encrypted,
    unreadable: !ours.readsEncrypted && encrypted,
    open: fieldOf(content("m.room.join_rules"), "join_rule") === "public" || visibility === "world_readable",
    writable: levels.event("m.room.message") <= 0,
    bridgedElsewhere: state.some((event) => BRIDGES.has(fieldOf(event, "type")) && isOthers(event, bot)),
    people,
  };
}

/** Whether a bridge's state is of another bot than ours; an emptied one is nobody's. */
function isOthers(event: unknown, bot: UserId): boolean {
  const by = fieldOf(fieldOf(event, "content"), "bridgebot");
  return typeof by === "string" && by !== bot;
}
