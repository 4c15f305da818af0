import { BridgeError } from "../../model/errors.ts";
import type { LoginId, NetworkId, RoomId, UserId } from "../../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../../ports/homeserver.ts";
import type { MatrixOutboxRow, Portal } from "../../ports/rows.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { OutboxRows } from "../../runtime/outbox-rows.ts";
import type { Admission } from "../admission.ts";
import { bridgeStateKey } from "../bridge-info.ts";
import type { Spaces } from "../spaces.ts";
import type { PortalWithRoom } from "../successions.ts";
import { bridgedRoom, forgetBridged } from "./bridged-rooms.ts";

/** Types of outbox rows by which the bridge leaves a room, behind what is queued for it. */
const UNBRIDGE = "thirdpartychats.unbridge";
const DELETE = "thirdpartychats.delete";

interface PartingsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: Pick<MatrixEncoder, "notice">;
  readonly outbox: OutboxRows;
  readonly spaces: Pick<Spaces, "displace">;
  readonly admission: Pick<Admission, "left">;
  readonly scheduler: Scheduler;
}

interface Parting {
  readonly portal: PortalWithRoom;
  readonly how: "unbridge" | "delete";
  /** Said in the room. */
  readonly words: string;
  readonly createKey: string;
  readonly at: number;
}

/** Takes chats out of their rooms: a room goes on without the bridge, or is closed and left by all. */
export class Partings {
  readonly #parts: PartingsParts;

  constructor(parts: PartingsParts) {
    this.#parts = parts;
  }

  /** The writes by which the chat has no room until its next message, and the bridge leaves this one in its turn. */
  begin({ portal, how, words, createKey, at }: Parting): (tx: Writes) => void {
    const { login, chat, room } = portal;
    const act = partingAct(this.#parts, { portal, how, words });
    return (tx) => {
      tx.formerRooms.leave({ login, chat, room, successor: undefined, createKey, at });
      // Nothing is to be moved: what is queued for the room is sent there first.
      tx.formerRooms.carried(room);
      act(tx);
    };
  }

  /** Performs a row's act, which may be done in part already; false for any other row. */
  async perform({
    type,
    room,
    content,
  }: Pick<MatrixOutboxRow, "type" | "room" | "content">): Promise<boolean> {
    if (type !== UNBRIDGE && type !== DELETE) return false;
    const { store } = this.#parts;
    const chat = content as unknown as Chat;
    // The bot may do less than it could, or have left it already.
    if (type === DELETE) await ifAllowed(() => this.#close(room, String(content["reason"])));
    else await ifAllowed(() => this.#handOver(room, chat));
    await ifAllowed(() => this.#displace(room, chat));
    await ifAllowed(() => this.#leave(room));
    await store.write((tx) => {
      tx.formerRooms.forget(room);
      forgetBridged(tx, room);
    });
    return true;
  }

  /** Makes the room an ordinary one; who had a room of the bridge's administers it then. */
  async #handOver(room: RoomId, { login, chat, network }: Chat): Promise<void> {
    const { store, homeserver } = this.#parts;
    const { bot } = homeserver;
    const stateKey = bridgeStateKey(network, chat);
    for (const type of ["m.bridge", "uk.half-shot.bridge", "com.beeper.room_features"]) {
      if (await homeserver.getState(room, type, stateKey))
        await homeserver.setState(bot, room, type, stateKey, {});
    }
    const members = await homeserver.getState(room, SERVICE_MEMBERS, "");
    const others = listOf(members?.["service_members"]).filter((user) => user !== bot);
    if (members)
      await homeserver.setState(
        bot,
        room,
        SERVICE_MEMBERS,
        "",
        others.length === 0 ? {} : { service_members: others },
      );
    if (await bridgedRoom(store, room)) return;
    const user = (await store.logins.get(login))?.user;
    const levels = await homeserver.getState(room, POWER, "");
    if (user === undefined || !levels) return;
    const users = { ...(levels["users"] as object), [user]: 100 };
    await homeserver.setState(bot, room, POWER, "", { ...levels, users });
    await homeserver.setState(bot, room, "m.room.join_rules", "", { join_rule: "invite" });
  }

  /** Takes people out of a room in which nothing can be written any more. */
  async #close(room: RoomId, reason: string): Promise<void> {
    const { homeserver, scheduler } = this.#parts;
    await homeserver.archiveRoom(room);
    for (const user of await homeserver.members(room)) {
      await scheduler.yield();
      if (!homeserver.isOurs(user)) await homeserver.putOut(room, user, reason);
    }
  }

  async #displace(room: RoomId, { login, network, ghost: person }: Chat): Promise<void> {
    const { store, spaces } = this.#parts;
    const user = (await store.logins.get(login))?.user;
    if (user === undefined) return;
    const ghost = person === "" ? undefined : (await store.ghosts.byPerson(network, person))?.user;
    await spaces.displace({ user, network: { id: network }, room, ghost });
  }

  async #leave(room: RoomId): Promise<void> {
    const { homeserver, scheduler, admission } = this.#parts;
    for (const user of await homeserver.members(room)) {
      await scheduler.yield();
      if (user === homeserver.bot || !homeserver.isOurs(user)) continue;
      await homeserver.leave(user, room);
      admission.left(room, user);
    }
    await homeserver.leave(homeserver.bot, room);
  }
}

/** The writes by which the bridge leaves a room in its turn, as {@link Partings.perform} does. */
export function partingAct(
  { homeserver, encoder, outbox }: Pick<PartingsParts, "homeserver" | "encoder" | "outbox">,
  { portal, how, words }: Pick<Parting, "portal" | "how" | "words">,
): (tx: Writes) => void {
  const { login, chat, room, network } = portal;
  const notice = outbox.row(room, homeserver.bot, encoder.notice(words));
  const act = outbox.row(room, homeserver.bot, {
    type: how === "delete" ? DELETE : UNBRIDGE,
    content: { login, chat, network, ghost: portal.kind === "direct" ? portal.person : "", reason: words },
  });
  return (tx) => {
    tx.matrixOutbox.add(notice);
    tx.matrixOutbox.add(act);
  };
}

async function ifAllowed(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!BridgeError.from(error).shut) throw error;
  }
}

const POWER = "m.room.power_levels";
const SERVICE_MEMBERS = "io.element.functional_members";

interface Chat {
  readonly login: LoginId;
  readonly chat: Portal["chat"];
  readonly network: NetworkId;
  /** The contact of a direct chat, whose ghost people's lists are by. */
  readonly ghost: Extract<Portal, { kind: "direct" }>["person"] | "";
}

const listOf = (value: unknown): readonly UserId[] => (Array.isArray(value) ? value : []);
