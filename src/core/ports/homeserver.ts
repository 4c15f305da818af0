import type { Capabilities } from "../model/capabilities.ts";
import type { Message } from "../model/content.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { Found, Media, MediaFile } from "../model/media.ts";
import type { Via } from "./queues.ts";

/** Where an event of ours carries the id of the outbox row it was made of. */
export const CONTENT_KEY = "thirdpartychats.id";
/** Where what the bridge sends as a person carries {@link asPerson}: only of such an event of theirs the row counts. */
export const AS_PERSON_KEY = "thirdpartychats.as_person";

/** Not the same for a copy that somebody else makes, or that is forwarded to another room. */
export const asPerson = (person: UserId, room: RoomId): string => `${person} ${room}`;

/** What the bridge asks of the homeserver. Every call throws BridgeError. */
export interface Homeserver {
  /** The bot: a user of our namespace, maker of all rooms. */
  readonly bot: UserId;
  readonly serverName: string;
  /** The user id of a ghost, from words that say whose it is: the same for the same words, and telling nothing of them. */
  ghostId(whose: string): UserId;
  /** Whether the id is the bot's or could be a ghost's. */
  isOurs(user: UserId): boolean;
  /** Makes the account and its one device where they are not there yet. */
  register(user: UserId): Promise<void>;
  /** What a user of this server is called; undefined where they have no name. */
  displayName(user: UserId): Promise<string | undefined>;
  setDisplayName(user: UserId, name: string): Promise<void>;
  /** `uri`: `mxc://`. */
  setAvatar(user: UserId, uri: string): Promise<void>;
  /** Whether somebody of this server has a profile: who never had an account has none, nor whose account was erased. */
  hasProfile(user: UserId): Promise<boolean>;
  /**
   * Makes a room without inviting anybody, under an alias made of `key`; a room that stands under it already
   * is the one. Room creation itself is not idempotent.
   */
  createRoom(room: RoomSpec): Promise<RoomId>;
  invite(as: UserId, user: UserId, room: RoomId, options: { readonly direct: boolean }): Promise<void>;
  /** Joining a room one is in already is success. */
  join(as: UserId, room: RoomId): Promise<void>;
  /** `reason` is shown with it, to who invited the user too (spec: Room membership). */
  leave(as: UserId, room: RoomId, reason?: string): Promise<void>;
  /** Takes somebody out of a room, who may be asked in again; not being in it is success. */
  putOut(room: RoomId, user: UserId, reason: string): Promise<void>;
  /** Sends under the row's id: a repeat makes no second event. */
  send(event: EventToSend): Promise<EventId>;
  /** Looks in the room for what an earlier try of this row may have made. */
  findSent(room: RoomId, sender: UserId, row: OutboxId, since: number): Promise<EventId | undefined>;
  /**
   * Messages before an event, of `sender` or of everybody, newest first, some dozens at most; none where the event is
   * not there.
   */
  saidBefore(room: RoomId, event: EventId, sender: UserId | undefined): Promise<readonly EventId[]>;
  markRead(as: UserId, room: RoomId, event: EventId): Promise<void>;
  setTyping(as: UserId, room: RoomId, active: boolean): Promise<void>;
  /** Members who are joined or invited. */
  members(room: RoomId): Promise<readonly UserId[]>;
  /** How a room stands for the bot, and for whom of `users` is given. */
  roomCondition(room: RoomId, users: RoomUsers): Promise<RoomCondition>;
  /** Gives a room somebody else made the power levels of a portal, as far as the bot may; its users keep theirs. */
  adoptRoom(room: RoomId): Promise<void>;
  /**
   * Gives users of ours these power levels, also in a room that is read-only for now, and takes their power from those of
   * ours who are not named. Never more than the bot has itself; what others have stays.
   */
  setPowers(room: RoomId, powers: ReadonlyMap<UserId, number>): Promise<void>;
  /** Reserves an address for a file, to be stored before the file is put there. */
  reserveMedia(as: UserId): Promise<string>;
  /** Puts a file where it was reserved; there already is success. */
  putMedia(
    as: UserId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    mimetype: string,
    name?: string,
  ): Promise<void>;
  /** Whether the homeserver has the file: one restored from an older copy may have lost it. */
  hasMedia(uri: string): Promise<boolean>;
  /** Downloads a file; the bytes are counted while they come, and more than `limit` is `too-large`. */
  openMedia(uri: string, limit: number): Promise<MediaFile>;
  /** The largest upload, in bytes; undefined where the homeserver does not say. */
  mediaLimit(): Promise<number | undefined>;
  /** Sets a state event; setting what is there already changes nothing. */
  setState(as: UserId, room: RoomId, type: string, stateKey: string, content: object): Promise<void>;
  /** The content of a state event, as the bot sees it. */
  getState(
    room: RoomId,
    type: string,
    stateKey: string,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Makes a room read-only for all but the bot; who was in it stays. Repeating it changes nothing. */
  archiveRoom(room: RoomId): Promise<void>;
  /** Gives a room made read-only its former power levels back. */
  reopenRoom(room: RoomId): Promise<void>;
  /** One event again, decoded; undefined where it is gone or redacted. */
  event(room: RoomId, event: EventId): Promise<MatrixEvent | undefined>;
  /** Whether the room's state has `m.room.encryption`. */
  isEncrypted(room: RoomId): Promise<boolean>;
}

/** Whom a room is for, beside the bot. */
export interface RoomUsers {
  /** Is to write there: the contact's ghost. */
  readonly writer?: UserId | undefined;
  /** Is to be there: our person. */
  readonly reader?: UserId | undefined;
}

export type RoomCondition =
  /** `weak`: the bot may not change what the room is. */
  | { readonly kind: "usable"; readonly weak: boolean }
  /** Its tombstone, by somebody who may, names the room that takes its place, or none; and when. */
  | { readonly kind: "replaced"; readonly by: RoomId | undefined; readonly at: number }
  /** The bot is not in it: it was put out, or the room was deleted. */
  | { readonly kind: "shut" }
  /** Somebody it is for is banned, may not write, or cannot be brought there; or it is a Space, and they write. */
  | { readonly kind: "barred" };

export interface RoomSpec {
  readonly key: string;
  readonly name?: string;
  readonly topic?: string;
  /** `mxc://` */
  readonly avatar?: string;
  readonly direct: boolean;
  readonly kind: "portal" | "management" | "space";
  /** The room whose place it takes. */
  readonly predecessor?: RoomId;
  /** The Space it is in, whose members may join without an invitation (join rule `restricted`). */
  readonly within?: RoomId;
  /** State put in at creation, beside what the kind implies. */
  readonly state: readonly { readonly type: string; readonly stateKey: string; readonly content: object }[];
}

export interface EventToSend {
  readonly id: OutboxId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly content: Readonly<Record<string, unknown>>;
  /** When the row was made, in milliseconds since the epoch: no try of it is older. */
  readonly createdAt: number;
}

/** What the Matrix side gives the bridge. */
export interface HomeserverSink {
  /** Commits the events; once it resolves the homeserver may be told they are taken. */
  take(events: readonly MatrixEvent[], via: Via, token?: string): Promise<void>;
  /** The audit stream broke, or starts: what is pushed must wait for it. */
  gapOpened(): void;
  gapClosed(): Promise<void>;
  /** The homeserver turned out to be an older copy of itself: what it was told since may be gone. */
  rolledBack(): Promise<void>;
  /** What was written in the room at some time before cannot be had: its people must know. */
  missed(room: RoomId): Promise<void>;
}

/** Turns content into what a Matrix client shows. */
export interface MatrixEncoder {
  /**
   * One event a part, in order. Content carries `m.mentions`, and the row's id is added when it is queued. A part
   * with a file is complete only with {@link attach}.
   */
  message(message: Message, replyTo: Relation): readonly EncodedEvent[];
  /** Adds to a part's content where its file is and what it was found to be. */
  attach(
    content: EncodedEvent["content"],
    media: Media,
    at: { readonly uri: string; readonly size: number; readonly thumbnail?: string },
    found: Found,
  ): EncodedEvent["content"];
  /** Whether the words of a file are events of their own, behind the file's. */
  readonly wordsApart: boolean;
  /** The state event that tells clients what a room can be used for. */
  roomFeatures(granted: Capabilities): EncodedEvent;
  /** What a message is after an edit: events each of which can be put into another's place. At least one. */
  revised(message: Message): readonly EncodedEvent[];
  replacement(event: EncodedEvent, target: Relation): EncodedEvent;
  reaction(emoji: string, target: Relation): EncodedEvent;
  redaction(target: Relation): EncodedEvent;
  notice(text: string, replyTo?: Relation): EncodedEvent;
  /**
   * What the bot says when it was asked: text in which lines that begin with "• " are a list, and commands, which stand in
   * “curved quotation marks”, are set as what can be typed.
   */
  answer(text: string): EncodedEvent;
}

/** An event, or {@link TARGET} for one that is known only when the row's turn comes. */
export type Relation = EventId | typeof TARGET | undefined;

/** Stands in content for the event id of the row's target; no event id looks like it. */
export const TARGET = "\u0000target";

export interface EncodedEvent {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The file this part still needs. */
  readonly media?: Media;
}
