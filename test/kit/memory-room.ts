import { isDeepStrictEqual } from "node:util";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { Membership } from "../../src/core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { EventToSend, Homeserver, RoomNeeds, RoomPowers } from "../../src/core/ports/homeserver.ts";
import type { RoomSpec } from "../../src/core/ports/rooms.ts";
import { areRules, withPowers } from "../../src/matrix/homeserver/room-levels.ts";

type Content = Readonly<Record<string, unknown>>;
type Levels = Readonly<Record<string, unknown>> & {
  readonly users: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly events_default: number;
  readonly state_default: number;
  readonly invite: number;
};

/** An event as members of the room see it. */
interface RoomEvent {
  readonly event_id: EventId;
  readonly type: string;
  readonly sender: UserId;
  readonly state_key?: string;
  readonly origin_server_ts: number;
  content: Content;
  unsigned?: Content;
}

export interface RoomMaking {
  readonly id: RoomId;
  readonly spec: RoomSpec;
  readonly creator: UserId;
  readonly newId: () => EventId;
  readonly now: () => number;
}

const POWER = "m.room.power_levels";
const LARGEST = 65_536;

/** A room in memory, with members, state, power levels and a timeline. */
export class MemoryRoom {
  readonly id: RoomId;
  readonly spec: RoomSpec;
  readonly members = new Map<UserId, Membership>();
  /** What the bridge sent, in order. */
  readonly events: { readonly event: EventId; readonly send: EventToSend }[] = [];
  /** State events by `type key`. */
  readonly state = new Map<string, Content>();
  /** People's own data of the room by `user type`. */
  readonly data = new Map<string, Content>();
  readonly timeline: RoomEvent[] = [];
  encrypted = false;
  readonly #creator: UserId;
  readonly #newId: () => EventId;
  readonly now: () => number;
  /** Events by the sender and row they were sent as. */
  readonly #sent = new Map<string, EventId>();
  /** The power levels before the room was archived. */
  #before: Levels | undefined;

  constructor({ id, spec, creator, newId, now }: RoomMaking) {
    this.now = now;
    this.id = id;
    this.spec = spec;
    this.#creator = creator;
    this.#newId = newId;
    const space = spec.kind === "space";
    const aliased = spec.kind === "alias";
    const levels: Levels = {
      users: { [creator]: 100 },
      events: { "m.room.encryption": 100, [POWER]: 100, "m.room.join_rules": 100, "m.room.tombstone": 100 },
      events_default: space || aliased ? 100 : 0,
      state_default: 50,
      invite: aliased ? 100 : space ? 50 : 0,
    };
    const { within } = spec;
    const allow = within && [{ type: "m.room_membership", room_id: within }];
    const put = (type: string, content: Content, key = ""): void =>
      void this.put(creator, type, content, key);
    const { predecessor } = spec;
    put("m.room.create", {
      room_version: "11",
      ...(space ? { type: "m.space" } : {}),
      ...(predecessor === undefined ? {} : { predecessor: { room_id: predecessor } }),
    });
    this.member(creator, "join", creator);
    put(POWER, levels);
    put(
      "m.room.join_rules",
      allow ? { join_rule: "restricted", allow } : { join_rule: aliased ? "public" : "invite" },
    );
    if (within) put("m.space.parent", { via: ["test"], canonical: true }, within);
    put("m.room.canonical_alias", {});
    if (spec.name !== undefined) put("m.room.name", { name: spec.name });
    if (spec.topic !== undefined) put("m.room.topic", { topic: spec.topic });
    if (spec.avatar !== undefined) put("m.room.avatar", { url: spec.avatar });
    for (const { type, stateKey, content } of spec.state) put(type, { ...content }, stateKey);
  }

  get archived(): boolean {
    return this.#before !== undefined;
  }

  /** Notes what the bridge sent. */
  keepSent(event: EventId, send: EventToSend): void {
    this.events.push({ event, send });
    const key = sentKey(send);
    if (!this.#sent.has(key)) this.#sent.set(key, event);
  }

  /** The event that a sender's row became; undefined where it was not sent. */
  sentAs(send: Pick<EventToSend, "sender" | "id">): EventId | undefined {
    return this.#sent.get(sentKey(send));
  }

  /** Puts an event into the room without a check of power. */
  put(sender: UserId, type: string, content: Content, stateKey?: string): EventId {
    const event: RoomEvent = {
      event_id: this.#newId(),
      type,
      sender,
      content,
      ...(stateKey === undefined ? {} : { state_key: stateKey }),
      origin_server_ts: this.now(),
    };
    this.timeline.push(event);
    if (stateKey !== undefined) this.state.set(`${type} ${stateKey}`, content);
    if (type === "m.room.redaction") this.#redact(String(content["redacts"]));
    return event.event_id;
  }

  /** Puts an event into the room if the sender is a member and has the power. */
  say(sender: UserId, type: string, content: Content, stateKey?: string): EventId {
    if (this.members.get(sender) !== "join") throw refused("not in the room");
    const { events, state_default, events_default } = this.#levels;
    const needed = events[type] ?? (stateKey === undefined ? events_default : state_default);
    // Users may change their own membership without power.
    const ownPlace = type === "m.room.member" && stateKey === sender;
    if (!ownPlace && this.#levelOf(sender) < needed) throw refused("not powerful enough");
    if (JSON.stringify(content).length > LARGEST) {
      throw new BridgeError("too-large", { words: "It is too large for the homeserver.", certain: true });
    }
    if (type === "m.room.member" && content["membership"] === "leave" && stateKey !== undefined)
      this.members.set(stateKey as UserId, "leave");
    return this.put(sender, type, content, stateKey);
  }

  setState(sender: UserId, type: string, stateKey: string, content: Content): void {
    const now = this.state.get(`${type} ${stateKey}`) ?? {};
    if (!isDeepStrictEqual(now, content)) this.say(sender, type, content, stateKey);
  }

  invite(as: UserId, user: UserId, direct: boolean): void {
    if (this.members.get(as) !== "join") throw refused("the inviter is not in the room");
    if (this.members.get(user) === "join" || this.members.get(user) === "invite") return;
    if (this.members.get(user) === "ban") throw refused("banned");
    if (this.#levelOf(as) < this.#levels.invite) throw refused("not powerful enough");
    this.member(user, "invite", as, direct ? { is_direct: true } : {});
  }

  /** `within` tells whether somebody is in another room. */
  join(user: UserId, within: (room: RoomId) => boolean, profile: Content = {}): void {
    const member = this.members.get(user);
    if (member === "join") return;
    if (member === "ban") throw refused("banned");
    const { allow, join_rule: rule } = (this.state.get("m.room.join_rules ") ?? {}) as {
      readonly join_rule?: string;
      readonly allow?: readonly { readonly room_id: RoomId }[];
    };
    if (rule !== "public" && member !== "invite" && !allow?.some(({ room_id: room }) => within(room)))
      throw refused("not invited");
    this.member(user, "join", user, profile);
  }

  member(user: UserId, membership: Membership, by: UserId, more: Content = {}): void {
    this.members.set(user, membership);
    this.put(by, "m.room.member", { membership, ...more }, user);
  }

  /** The content of a state event. */
  stateOf(type: string, stateKey: string): Content | undefined {
    const content = this.state.get(`${type} ${stateKey}`);
    // Tests set memberships also without an event.
    const membership = type === "m.room.member" ? this.members.get(stateKey as UserId) : undefined;
    return membership === undefined ? content : { ...content, membership };
  }

  /** The newest event of each kind of state. */
  stateEvents(): readonly RoomEvent[] {
    const newest = new Map<string, RoomEvent>();
    for (const event of this.timeline) {
      const { type, state_key: key } = event;
      if (key === undefined) continue;
      // Tests set memberships also without an event.
      const membership = this.members.get(key as UserId);
      const member = type === "m.room.member" ? { content: { ...event.content, membership } } : {};
      newest.set(`${type} ${key}`, { ...event, ...member });
    }
    return Array.from(newest.values());
  }

  /** Removes or bans a user, if `by` has the power over them. */
  putOut(by: UserId, user: UserId, membership: "leave" | "ban"): void {
    if (this.#levelOf(by) < 50 || this.#levelOf(by) <= this.#levelOf(user))
      throw refused("not powerful enough");
    this.member(user, membership, by);
  }

  /** Archives the room: only the bot can write in it. */
  archive(bot: UserId): void {
    if (this.#before) return;
    this.#before = this.#levels;
    this.say(bot, POWER, closed(this.#before), "");
  }

  reopen(bot: UserId): void {
    if (this.#before) this.say(bot, POWER, this.#before, "");
    this.#before = undefined;
  }

  adopt(bot: UserId): void {
    const { users } = this.#levels;
    const events = {
      "m.room.encryption": 100,
      [POWER]: 100,
      "m.room.tombstone": 100,
      "m.room.join_rules": 100,
    };
    this.setState(bot, POWER, "", { users, events, events_default: 0, state_default: 50, invite: 0 });
  }

  setPowers(
    homeserver: Pick<Homeserver, "bot" | "isOurs"> & { readonly readsEncrypted: boolean },
    powers: RoomPowers,
  ): void {
    const { bot, readsEncrypted: encrypts } = homeserver;
    const isGhost = (user: UserId): boolean => user !== bot && homeserver.isOurs(user);
    const given = { ...powers, isOwn: this.#creator === bot, encrypts };
    const changed = withPowers(this.#before ?? this.#levels, bot, isGhost, given) as Levels;
    if (this.#before) this.#before = changed;
    this.setState(bot, POWER, "", this.#before ? closed(changed) : changed);
  }

  isRuledBy(bot: UserId, needs: RoomNeeds, given: Readonly<Record<string, number>>): boolean {
    return areRules(given, needs, this.#creator === bot);
  }

  /** Lets people encrypt it, or no more. */
  letEncrypt(bot: UserId, may: boolean, kind: "direct" | "group"): void {
    const levels = this.#before ?? this.#levels;
    const naming = levels.events["m.room.name"] ?? levels.state_default;
    const due = may ? (kind === "group" ? naming : 0) : 100;
    if (this.#creator !== bot || levels.events["m.room.encryption"] === due) return;
    const changed = { ...levels, events: { ...levels.events, "m.room.encryption": due } };
    if (this.#before) this.#before = changed;
    else this.setState(bot, POWER, "", changed);
  }

  get #levels(): Levels {
    return this.state.get(`${POWER} `) as Levels;
  }

  #levelOf(user: UserId): number {
    return this.#levels.users[user] ?? 0;
  }

  #redact(id: string): void {
    const event = this.timeline.findLast(({ event_id }) => event_id === id);
    if (!event) return;
    event.content = {};
    event.unsigned = { redacted_because: {} };
  }
}

/** The levels of an archived room. */
function closed(levels: Levels): Levels {
  const events = Object.fromEntries(Object.keys(levels.events).map((type) => [type, 100]));
  return { ...levels, events, events_default: 100, invite: 100 };
}

const sentKey = ({ sender, id }: Pick<EventToSend, "sender" | "id">): string => `${sender} ${id}`;

/** The error of a homeserver's refusal. */
export const refused = (why: string): BridgeError =>
  new BridgeError("forbidden", { words: `M_FORBIDDEN: ${why}`, certain: true });
