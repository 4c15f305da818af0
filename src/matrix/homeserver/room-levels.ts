import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Homeserver, RoomNeeds, RoomPowers } from "../../core/ports/homeserver.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import { needsIn } from "../events/decode-state.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { ENCRYPTED, powerIn } from "./room-creation.ts";
import { type Content, getState, setState } from "./room-state.ts";

const POWER = "m.room.power_levels";
/** The state event in which an archived room keeps the power levels it had, for its reopening. */
const ARCHIVED = "thirdpartychats.archived";
const BOT_ONLY = 100;

/**
 * What a room's people may do in it. Each change is read, made and written before the next one of the same room, as a
 * room is closed and opened beside the changes of its group.
 */
export class RoomLevels {
  readonly #requests: Requests;
  readonly #users: Users;
  readonly #turns = new SerialByKey();

  constructor(requests: Requests, users: Users) {
    this.#requests = requests;
    this.#users = users;
  }

  /** Makes the room read-only for all but the bot, its creator. A repeat goes on where an interrupted one ended. */
  archive(room: RoomId): Promise<void> {
    return this.#turns.run(room, async () => {
      const kept = levelsIn(await this.#read(room, ARCHIVED));
      const before = kept ?? (await this.#read(room, POWER)) ?? {};
      if (kept === undefined) await this.#set(room, ARCHIVED, { power_levels: before });
      await this.#set(room, POWER, readOnly(before));
    });
  }

  reopen(room: RoomId): Promise<void> {
    return this.#turns.run(room, async () => {
      const kept = levelsIn(await this.#read(room, ARCHIVED));
      if (kept === undefined) return;
      await this.#set(room, POWER, kept);
      await this.#set(room, ARCHIVED, {});
    });
  }

  /** Makes a room that somebody else made like one of the bridge's own. */
  adopt(room: RoomId): Promise<void> {
    return this.#turns.run(room, async () => {
      const { users = {} } = (await this.#read(room, POWER)) ?? {};
      await this.#set(room, POWER, { ...powerIn(this.#rights), users });
    });
  }

  /** Sets a group's power levels in the room's, and in those a read-only room gets back. */
  set(room: RoomId, powers: RoomPowers): Promise<void> {
    const { bot } = this.#users;
    const rights = this.#rights;
    const isGhost = (user: UserId): boolean => user !== bot && this.#users.isOurs(user);
    return this.#turns.run(room, async () => {
      const isOwn = await isMadeBy(this.#requests, bot, room);
      const changed = (levels: Content): Content =>
        withPowers(levels, bot, isGhost, { ...powers, ...rights, isOwn });
      const kept = levelsIn(await this.#read(room, ARCHIVED));
      const before = kept ?? (await this.#read(room, POWER)) ?? {};
      if (kept !== undefined) await this.#set(room, ARCHIVED, { power_levels: changed(before) });
      await this.#set(room, POWER, kept === undefined ? changed(before) : readOnly(changed(before)));
    });
  }

  /**
   * Lets people of one of the bridge's rooms encrypt it, or no more, as the bridge reads encrypted rooms or not: in a group
   * those who may name it.
   */
  letEncrypt(room: RoomId, kind: "group" | "direct"): Promise<void> {
    const { bot, readsEncrypted } = this.#users;
    return this.#turns.run(room, async () => {
      const kept = levelsIn(await this.#read(room, ARCHIVED));
      const before = kept ?? (await this.#read(room, POWER)) ?? {};
      const events = fieldOf(before, "events");
      const naming = fieldOf(events, "m.room.name") ?? fieldOf(before, "state_default");
      const due = readsEncrypted ? (kind === "group" ? naming : 0) : BOT_ONLY;
      if (due === undefined || fieldOf(events, ENCRYPTED.type) === due) return;
      if (!(await isMadeBy(this.#requests, bot, room))) return;
      const changed = {
        ...before,
        events: { ...Object.fromEntries(entriesOf(events)), [ENCRYPTED.type]: due },
      };
      if (kept === undefined) await this.#set(room, POWER, changed);
      else await this.#set(room, ARCHIVED, { power_levels: changed });
    });
  }

  async isRuledBy(room: RoomId, needs: RoomNeeds, given: Rules): Promise<boolean> {
    return areRules(given, needs, await isMadeBy(this.#requests, this.#users.bot, room));
  }

  get #rights(): { readonly encrypts: boolean } {
    return { encrypts: this.#users.readsEncrypted };
  }

  #read(room: RoomId, type: string): Promise<Content | undefined> {
    return getState(this.#requests, this.#users.bot, { room, type, stateKey: "" });
  }

  #set(room: RoomId, type: string, content: object): Promise<void> {
    const { bot } = this.#users;
    return setState(this.#requests, { bot, as: bot, room, type, stateKey: "", content });
  }
}

/** Whether the bot made the room; a homeserver that does not say who made one made it for the bot. */
async function isMadeBy(requests: Requests, bot: UserId, room: RoomId): Promise<boolean> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.create/`;
  const reply = await requests.ask({ method: "GET", path, as: bot, query: { format: "event" } });
  if (reply.status !== 200) throw faultOfReply(reply);
  const creator = fieldOf(reply.body, "sender") ?? fieldOf(reply.body, "creator") ?? bot;
  return creator === bot;
}

type Rules = Readonly<Record<string, number>>;

type Users = Pick<Homeserver, "bot" | "isOurs"> & { readonly readsEncrypted: boolean };

/** Types of state that a group's members change. */
const CHANGED = ["m.room.name", "m.room.topic", "m.room.avatar"];
const ENCRYPTION = `events.${ENCRYPTED.type}`;
/** What may be done where one may not write. */
const UNWRITTEN = ["m.reaction", "m.room.redaction"];

/**
 * A room's levels as a group has them; nobody's is above the bot's, and who is not below the bot keeps theirs. In a room
 * that the bot made, `isOwn`, all else is as in a new one: its admins may change levels.
 */
export function withPowers(
  levels: Content,
  bot: UserId,
  isGhost: (user: UserId) => boolean,
  {
    ghosts,
    people: all,
    writes,
    changes,
    roles,
    isOwn,
    encrypts,
  }: RoomPowers & { readonly isOwn: boolean; readonly encrypts: boolean },
): Content {
  const rights = powerIn({ encrypts });
  const people = isOwn ? all : new Map<UserId, number>();
  const before = entriesOf(levels["users"]);
  const own = before.find(([user]) => user === bot)?.[1];
  // A creator of room version 12 is above all levels, and is not listed.
  const most = typeof own === "number" ? own : rights.events[POWER];
  const isGiven = ([user, power]: readonly [string, unknown]): boolean =>
    isGhost(user as UserId) || (isOwn && !(typeof power === "number" && power >= most));
  const others = before.filter((entry) => !isGiven(entry));
  const kept = new Set(others.map(([user]) => user));
  const given = [...ghosts, ...people]
    .map(([user, power]) => [user, Math.min(power, most)] as const)
    .filter(([user, power]) => power > 0 && !kept.has(user));
  const needed = [
    ...CHANGED.map((type) => [type, changes] as const),
    ...(writes > 0 ? UNWRITTEN.map((type) => [type, 0] as const) : []),
  ];
  const { users_default, state_default, kick, ban, redact, events } = rights;
  const standard = isOwn ? { users_default, state_default, kick, ban, redact } : {};
  const secret = encrypts ? { [ENCRYPTED.type]: changes } : {};
  const settings = isOwn ? { ...events, ...secret, [POWER]: roles } : {};
  const types = new Set([...CHANGED, ...UNWRITTEN]);
  const otherEvents = isOwn ? [] : entriesOf(levels["events"]).filter(([type]) => !types.has(type));
  return {
    ...levels,
    ...standard,
    users: Object.fromEntries([...others, ...given]),
    events: { ...Object.fromEntries([...otherEvents, ...needed]), ...settings },
    events_default: writes,
    invite: changes,
    // Whether somebody may mention all is the network's to say.
    notifications: { ...Object.fromEntries(entriesOf(levels["notifications"])), room: 0 },
  };
}

/** Whether each act needs what {@link withPowers} has it need; in a room that somebody else made, of those it names. */
export function areRules(given: Rules, needs: RoomNeeds, isOwn: boolean): boolean {
  const nobody = new Map<UserId, number>();
  // Who may encrypt it changes with the bridge's configuration: a room may still be as it was before.
  const encrypts = given[ENCRYPTION] !== undefined && given[ENCRYPTION] !== BOT_ONLY;
  const none = { ghosts: nobody, people: nobody, isOwn, encrypts };
  const levels = withPowers({}, "" as UserId, () => false, { ...needs, ...none });
  const due = Object.fromEntries(needsIn(levels));
  const acts = isOwn ? [...Object.keys(due), ...Object.keys(given)] : Object.keys(due);
  const others = UNWRITTEN.map((type) => `events.${type}`);
  return [...acts, ...others].every((act) => neededFor(act, given) === neededFor(act, due));
}

/** What an act needs (spec: `m.room.power_levels`); undefined where that depends on whether it is state. */
function neededFor(act: string, rules: Rules): number | undefined {
  const named = Object.hasOwn(rules, act) ? rules[act] : undefined;
  if (named !== undefined) return named;
  if (UNWRITTEN.includes(act.replace(/^events\./, ""))) return rules["events_default"] ?? 0;
  if (act.startsWith("events.")) return undefined;
  return act === "events_default" || act === "invite" ? 0 : 50;
}

const entriesOf = (fields: unknown): readonly (readonly [string, unknown])[] =>
  typeof fields === "object" && fields !== null ? Object.entries(fields) : [];

function levelsIn(marker: Content | undefined): Content | undefined {
  const kept = fieldOf(marker, "power_levels");
  return typeof kept === "object" && kept !== null ? (kept as Content) : undefined;
}

/** The power levels of an archived room: sending and inviting need `BOT_ONLY`. */
function readOnly(levels: Content): Content {
  const raised = (level: unknown): unknown =>
    typeof level === "number" && level >= BOT_ONLY ? level : BOT_ONLY;
  const { events } = levels;
  const types = typeof events === "object" && events !== null ? Object.entries(events) : [];
  return {
    ...levels,
    events_default: raised(levels["events_default"]),
    invite: raised(levels["invite"]),
    events: Object.fromEntries(types.map(([type, level]) => [type, raised(level)])),
  };
}
