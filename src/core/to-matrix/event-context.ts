import type { Archives } from "../chats/archives.ts";
import type { ChatProfiles } from "../chats/chat-profiles.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import type { OpenPortal } from "../chats/portals.ts";
import type { LoginId, MessageId, PersonId, UserId } from "../model/ids.ts";
import { type EncodedEvent, type MatrixEncoder, TARGET } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type {
  Contact,
  Login,
  NewMatrixOutboxRow,
  PortalMember,
  Reaction,
  Revision,
  RowTarget,
} from "../ports/rows.ts";
import type { MessagePart, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

/** Who did something on the network, as the room shows it. */
export interface Actor {
  /** In a sentence; `You` for our own person. */
  readonly name: string;
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  /** A ghost, or our person themself. */
  readonly user: UserId;
  /** Our person, on another device of theirs. */
  readonly own: boolean;
}

/** A chat in which somebody on the network did something. */
export interface NetworkEventContext extends OpenPortal {
  readonly actor: Actor;
  readonly login: Login;
  readonly network: Network;
  readonly bot: UserId;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly archives: Archives;
  readonly profiles: Pick<ChatProfiles, "of">;
  readonly ghosts: Pick<Ghosts, "newRow">;
  readonly contact: Contact | undefined;
  /** Parts of the message an event refers to, without what was withdrawn; empty where it refers to none known here. */
  readonly targets: readonly MessagePart[];
  /** The sender deleted the message that an event refers to, or that it is. */
  readonly deleted: boolean;
  /** What was done to the message that an edit or a deletion is about. */
  readonly since: Since;
  /** Parts of this very message that are in the room: an edit of it was shown in its place. */
  readonly inPlace: number;
  /** The sender's present reaction to the target. */
  readonly reaction: Reaction | undefined;
  /** What follows a command about the contact, for kinds of events whose words name one. */
  readonly commandTarget: string;
  /** Of a group in which who is there, or what they may do, changes: all who are or were in it. */
  readonly members: readonly PortalMember[];
  /** What those are called whom such a change is about. */
  readonly people: ReadonlyMap<PersonId, string>;
  /** It was said in the room when it came to another login. */
  readonly repeated: boolean;
  /** The login it came to, whose connection can fetch what belongs to it. */
  readonly broughtTo: LoginId;
  /** The person's messages in this chat that failed. */
  readonly undelivered: number;
  /** Said in this chat before; records that it was said now. */
  readonly excluded: { readonly before: boolean; record(tx: Writes): void };
}

/** Edits of a message, and reactions to it; and the number that a further part of it gets. */
interface Since {
  readonly revisions: readonly Revision[];
  readonly reactions: readonly Reaction[];
  readonly nextPart: number;
  /** The first part is a file, whose words are in the parts behind it. */
  readonly fileFirst: boolean;
}

export const ELSEWHERE = "that is not in this room.";

export function botSays(words: string, scene: NetworkEventContext): (tx: Writes) => void {
  const row = scene.outbox.row(scene.portal.room, scene.bot, scene.encoder.notice(words));
  return (tx) => tx.matrixOutbox.add(row);
}

/** As {@link botSays}, of what somebody could make it say over and over: once a room and day. */
export function botSaysOnce(
  words: string,
  { portal, bot, encoder, outbox }: NetworkEventContext,
): (tx: Writes) => void {
  const row = outbox.row(portal.room, bot, encoder.notice(words));
  return (tx) => tx.told.once(words, row);
}

export function targetOf(scene: NetworkEventContext, id: MessageId, part: number): RowTarget {
  const { login, chat } = scene.portal;
  return { kind: "message", login, chat, id, part };
}

export function actorRow(
  encoded: EncodedEvent,
  scene: NetworkEventContext,
  more: Parameters<OutboxRows["row"]>[3],
) {
  return scene.outbox.row(scene.portal.room, scene.actor.user, encoded, more);
}

/** Of a part of a message; its file is brought when the row's turn comes. */
export function partRow(
  encoded: EncodedEvent,
  scene: NetworkEventContext,
  more: Parameters<OutboxRows["row"]>[3],
) {
  const { media } = encoded;
  const attachment = media && { attachment: { media, login: scene.broughtTo } };
  return actorRow(encoded, scene, { ...more, ...attachment });
}

/** Takes out what was sent for a contact, or what our person did: named by its row where its event is not known yet. */
export function takenOut(
  { event, row, room, sender }: Pick<Revision, "event" | "row" | "room" | "sender">,
  scene: NetworkEventContext,
): NewMatrixOutboxRow | undefined {
  const { encoder, outbox, portal, actor, bot } = scene;
  // In a room the chat had before, and of anybody else's or our person's, only the bot may.
  const theirs = sender !== undefined && sender === actor.person && room === portal.room;
  const by = theirs ? actor.user : bot;
  if (event !== undefined) return outbox.row(room, by, encoder.redaction(event));
  return row && outbox.row(room, by, encoder.redaction(TARGET), { target: { kind: "row", id: row } });
}
