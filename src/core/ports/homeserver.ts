import type { Capabilities } from "../model/capabilities.ts";
import type { Message } from "../model/content.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { FileKey, Found, HomeserverFile, Media, MediaFile, SealedFile } from "../model/media.ts";
import type { MessageStatus } from "../model/message-status.ts";
import type { RoomEncryption, RoomSpec } from "./rooms.ts";
import type { Portal } from "./rows.ts";

/** The content key of our events that holds the id of their outbox row. */
export const CONTENT_KEY = "thirdpartychats.id";
/** Where what the bridge sends as a person carries {@link asPerson}: only of such an event of theirs the row counts. */
export const AS_PERSON_KEY = "thirdpartychats.as_person";

/** Not the same for a copy that somebody else makes, or that is forwarded to another room. */
export const asPerson = (person: UserId, room: RoomId): string => `${person} ${room}`;

/** The homeserver as the bridge uses it. Every call throws BridgeError. */
export interface Homeserver {
  /** The bot: a user of our namespace that makes all rooms. */
  readonly bot: UserId;
  readonly serverName: string;
  /**
   * The user id of a ghost, made of words that say whom it stands for: the same for the same words, and revealing
   * nothing of them.
   */
  ghostId(whose: string): UserId;
  /** Whether the id is the bot's or could be a ghost's. */
  isOurs(user: UserId): boolean;
  /** Makes the account and its only device, where they do not exist. */
  register(user: UserId): Promise<void>;
  /** The display name of a user of this server; undefined where they have none. */
  displayName(user: UserId): Promise<string | undefined>;
  setDisplayName(user: UserId, name: string): Promise<void>;
  /** `uri`: `mxc://`. */
  setAvatar(user: UserId, uri: string): Promise<void>;
  /**
   * Whether a user of this server has a profile; one who never had an account, or whose account was erased, has none.
   */
  hasProfile(user: UserId): Promise<boolean>;
  /**
   * Makes a room without inviting anybody, under an alias made of `key`; returns the existing room of that alias. Room
   * creation itself is not idempotent.
   */
  createRoom(room: RoomSpec): Promise<RoomId>;
  /** Takes away the alias made of `key`; there being none is success. */
  removeAlias(key: string): Promise<void>;
  invite(as: UserId, user: UserId, room: RoomId, options: { readonly direct: boolean }): Promise<void>;
  /** Joins a room; being in it already is success. */
  join(as: UserId, room: RoomId): Promise<void>;
  /** `reason` is shown with it, to who invited the user too (spec: Room membership). */
  leave(as: UserId, room: RoomId, reason?: string): Promise<void>;
  /** Removes a user from a room, who may be invited again; not being in it is success. */
  putOut(room: RoomId, user: UserId, reason: string): Promise<void>;
  /** Sends under the row's id, so that a repeat makes no second event. */
  send(event: EventToSend): Promise<EventId>;
  /** Looks in the room for the event that an earlier try of this row may have made. */
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
  /** The condition of a room for the bot and for `users`. */
  roomCondition(room: RoomId, users: RoomUsers): Promise<RoomCondition>;
  /** Who may do what in a room that somebody wants to bridge to a chat, and who reads it; undefined where the bot is not in it. */
  roomUse(room: RoomId, person: UserId): Promise<RoomUse | undefined>;
  /** Gives a room that somebody else made a portal's power levels, as far as the bot may; its users keep theirs. */
  adoptRoom(room: RoomId): Promise<void>;
  /**
   * Sets who may do what in a group's room, also in a room that is read-only for now. Nobody gets more than the bot has
   * itself, and nobody who is not named any; in a room that somebody else made, people keep theirs.
   */
  setPowers(room: RoomId, powers: RoomPowers): Promise<void>;
  /** Whether {@link setPowers} would leave what acts need in the room as `given`, by their field or `events.TYPE`. */
  isRuledBy(room: RoomId, needs: RoomNeeds, given: Readonly<Record<string, number>>): Promise<boolean>;
  /** Reserves an address for a file, to be stored before the file is put there. */
  reserveMedia(as: UserId): Promise<string>;
  /** Uploads a file to its reserved address; being there already is success. */
  putMedia(
    as: UserId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    mimetype: string,
    name?: string,
  ): Promise<void>;
  /** Whether the homeserver has the file: one restored from an older copy may have lost it. */
  hasMedia(uri: string): Promise<boolean>;
  /**
   * Downloads a file, and decrypts and verifies one that is encrypted; the bytes are counted while they come, and more than
   * `limit` is `too-large`.
   */
  openMedia(file: HomeserverFile, limit: number): Promise<MediaFile>;
  /** Whether the event is encrypted when it is sent, which only our own users can do. */
  encrypts(event: Pick<EventToSend, "room" | "type" | "stateKey">): Promise<boolean>;
  /**
   * A file as it is uploaded for such an event: with the key of an earlier try, or with a new one where there is none or its
   * bytes are others now.
   */
  sealMedia(file: Pick<MediaFile, "size" | "read">, former?: FileKey): Promise<SealedFile>;
  /** The largest upload, in bytes; undefined where the homeserver does not say. */
  mediaLimit(): Promise<number | undefined>;
  /** Sets a state event; setting the same content again changes nothing. */
  setState(as: UserId, room: RoomId, type: string, stateKey: string, content: object): Promise<void>;
  /** The content of a state event, as the bot sees it. */
  getState(
    room: RoomId,
    type: string,
    stateKey: string,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Makes a room read-only for all but the bot; its members stay. Idempotent. */
  archiveRoom(room: RoomId): Promise<void>;
  /** Restores the power levels of a room that was made read-only. */
  reopenRoom(room: RoomId): Promise<void>;
  /**
   * Decrypts an event, once its key is there; the same event where the bridge reads no encrypted rooms, and undefined where
   * what it says is nothing for the bridge. An event that cannot be read, or is not taken in the clear, is `unreadable`.
   * No key is waited for where it is opened late.
   */
  open(event: Sealed, when?: "late"): Promise<MatrixEvent | undefined>;
  /** Reads an event again, decoded; undefined where it is gone or redacted. */
  event(room: RoomId, event: EventId): Promise<MatrixEvent | undefined>;
  /** Whether the room is encrypted, and the bridge reads no encrypted rooms. */
  isUnreadable(room: RoomId): Promise<boolean>;
  /** Absent where the bridge reads no encrypted rooms. */
  readonly encryption: RoomEncryption | undefined;
  /**
   * Rooms that were encrypted while the bridge read encrypted rooms, where it reads none any more: messages for them are
   * refused as `no-room`, as they would go there in the clear.
   */
  shutRooms(): Promise<readonly RoomId[]>;
  /**
   * Lets people encrypt one of the bridge's rooms that was made while the bridge read no encrypted rooms, or no more where
   * it reads none now. Idempotent.
   */
  letEncrypt(room: RoomId, kind: Portal["kind"]): Promise<void>;
}

/** An encrypted event, one that should have been, or one by which somebody verifies the bot. */
export type Sealed = Extract<MatrixEvent, { readonly kind: "encrypted" | "unsupported" }>;

/** Power levels of a group's room. */
export interface RoomPowers extends RoomNeeds {
  /** Of users of ours; those of ours who are not named have none. */
  readonly ghosts: ReadonlyMap<UserId, number>;
  /** Of people. */
  readonly people: ReadonlyMap<UserId, number>;
}

/** The power that acts need in a group's room. */
export interface RoomNeeds {
  /** What writing needs; reactions need none. */
  readonly writes: number;
  /** What the name, the topic, the picture and inviting need. */
  readonly changes: number;
  /** What giving others a role needs, which is done by their power levels. */
  readonly roles: number;
}

/** The users a room is for, beside the bot. */
export interface RoomUsers {
  /** The contact's ghost, who must be able to write. */
  readonly writer?: UserId | undefined;
  /** Our person, who must be able to be there. */
  readonly reader?: UserId | undefined;
}

/** A room as whoever wants to bridge it to a chat, or to end that, must know it. */
export interface RoomUse {
  readonly madeBy: UserId;
  /** Whether the person may change what the room is, and who is in it. */
  readonly administered: boolean;
  /** The power that the bot needs for that; undefined where it has it. */
  readonly missing: number | undefined;
  /** Whether it has no messages, or another room took its place. */
  readonly unusable: boolean;
  readonly encrypted: boolean;
  /** Whether the bridge cannot read what is written there, because it is encrypted. */
  readonly unreadable: boolean;
  /** Whether anybody may come in, or read it from outside. */
  readonly open: boolean;
  /** Whether those without power may write. */
  readonly writable: boolean;
  /** Whether another bridge says that the room is one of its chats. */
  readonly bridgedElsewhere: boolean;
  /** Who is in it or invited, without the bridge's own users. */
  readonly people: readonly UserId[];
}

export type RoomCondition =
  /** `weak`: the bot may not change the room's state. */
  | { readonly kind: "usable"; readonly weak: boolean }
  /** Its tombstone, sent by somebody with the power to, names the next room or none, and the time. */
  | { readonly kind: "replaced"; readonly by: RoomId | undefined; readonly at: number }
  /** The bot is not in the room: it was removed, or the room was deleted. */
  | { readonly kind: "shut" }
  /** Somebody it is for is banned, may not write, or cannot be brought there; or it is a Space, and they write. */
  | { readonly kind: "barred" };

export interface EventToSend {
  readonly id: OutboxId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly content: Readonly<Record<string, unknown>>;
  /** When the row was made, in milliseconds since the epoch; no try of it is older. */
  readonly createdAt: number;
}

/** Encodes content as Matrix events. */
export interface MatrixEncoder {
  /**
   * The events of a message, one for each part, in order. Content carries `m.mentions`; the row's id is added when it
   * is queued. A part with a file is completed by {@link attach}.
   */
  message(message: Message, replyTo: Relation): readonly EncodedEvent[];
  /** Completes a part's content with the address of its file, or its picture, and what inspection found. */
  attach(
    content: EncodedEvent["content"],
    media: Media,
    at: AttachedFile,
    found: Found,
  ): EncodedEvent["content"];
  /** Whether a file's caption is an event of its own, after the file's. */
  readonly wordsApart: boolean;
  /** The state event that tells clients what a room can be used for. */
  roomFeatures(granted: Capabilities, kind: Portal["kind"]): EncodedEvent;
  /** The events of a message after an edit, at least one; each can replace another event. */
  revised(message: Message): readonly EncodedEvent[];
  replacement(event: EncodedEvent, target: Relation): EncodedEvent;
  reaction(emoji: string, target: Relation): EncodedEvent;
  redaction(target: Relation, reason?: string): EncodedEvent;
  notice(text: string, replyTo?: Relation): EncodedEvent;
  /** What became of a person's event, for clients that show it beside the event. */
  status(event: EventId, status: MessageStatus, lastRetry?: EventId): EncodedEvent;
  /**
   * An answer of the bot: text in which lines that begin with “• ” are a list, and commands in “curved quotation marks”
   * are set as code. `replies` are shown as buttons by clients that can.
   */
  answer(text: string, replies?: readonly Reply[]): EncodedEvent;
  /** The state event that describes a command of the bot. */
  commandDescription(command: CommandDescription, bot: UserId): EncodedState;
}

/** A file that was uploaded; `size` in bytes, before it was encrypted. */
export interface AttachedFile extends HomeserverFile {
  readonly size: number;
  readonly thumbnail?: HomeserverFile;
}

/** A command of the bot, for clients that offer it while one types. */
export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly {
    readonly key: string;
    /** What is to be given. */
    readonly words: string;
    readonly optional: boolean;
  }[];
}

export interface EncodedState {
  readonly type: string;
  readonly stateKey: string;
  readonly content: object;
}

/** Something that a person can answer with a click: it sends the text as their message. */
export interface Reply {
  /** What the button says: `Yes`. */
  readonly label: string;
  /** As it can also be typed: `yes`. */
  readonly text: string;
}

/** An event id, or {@link TARGET} for one that is known only when the row is sent. */
export type Relation = EventId | typeof TARGET | undefined;

/** Stands in content for the event id of the row's target; no event id looks like it. */
export const TARGET = "\u0000target";

export interface EncodedEvent {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The file this part still needs. */
  readonly media?: Media;
  /** A picture of something in this part, which goes without it where that cannot be had. */
  readonly picture?: Media;
}
