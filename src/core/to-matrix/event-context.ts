import type { Archives } from "../chats/archives.ts";
import type { ChatProfiles } from "../chats/chat-profiles.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import type { ChangePace } from "../chats/groups/change-pace.ts";
import type { OpenPortal } from "../chats/portals.ts";
import type { Requests } from "../chats/requests.ts";
import type { Capabilities } from "../model/capabilities.ts";
import type { GroupInfo } from "../model/groups.ts";
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
  /** Whether it is our person, on another device of theirs. */
  readonly own: boolean;
}

/** A group as its network describes it, and who was known to be in it. */
export interface GroupNow {
  readonly info: GroupInfo;
  readonly before: readonly PortalMember[];
}

/** What the conversion of a network's event needs. */
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
  /** What the network grants in the chat now. */
  readonly granted: Capabilities;
  readonly contact: Contact | undefined;
  /** The parts of the message that an event refers to, without withdrawn ones; empty where no such message is known. */
  readonly targets: readonly MessagePart[];
  /** Whether that message was taken out as a whole: deleted by who wrote it, or it has disappeared. */
  readonly targetGone: boolean;
  /** Whether the sender deleted the message that the event refers to, or that it is. */
  readonly deleted: boolean;
  /** What happened to the message since, for an edit or a deletion. */
  readonly since: Since;
  /** The number of parts that an early edit already put in this message's place. */
  readonly inPlace: number;
  /** The sender's current reaction to the target. */
  readonly reaction: Reaction | undefined;
  /** Stands for the contact in a command, for kinds whose words name one. */
  readonly commandTarget: string;
  /** Those whose membership or role changes, as they were before. */
  readonly members: readonly PortalMember[];
  /** Whether the group is too large for its room to show whoever joins. */
  readonly isCrowded: boolean;
  /** The names of the people whom such a change is about. */
  readonly people: ReadonlyMap<PersonId, string>;
  /** See {@link ChangePace.later}. */
  readonly tellsLater: (silent: boolean) => ReturnType<ChangePace["later"]>;
  /** Whether our person changed the group so from here, which needs no words. */
  readonly askedHere: boolean;
  /** Whether the room shows the event already, because it came to another login. */
  readonly repeated: boolean;
  /** The login it came to, whose connection can fetch what belongs to it. */
  readonly broughtTo: LoginId;
  /** For a block: whether its person ignores the contact in their client, by which they may be blocked too. */
  readonly isIgnored: boolean;
  /** Whether the chat is yet to be accepted or declined, for what answers that or asks for it. */
  readonly isRequest: boolean;
  readonly requests: Pick<Requests, "invited" | "joined">;
  /** Whether somebody, or our person, may delete what others write in the group. */
  readonly isAdmin: (person: PersonId | undefined) => Promise<boolean>;
  /** Whether our person is in the group. */
  readonly isMember: () => Promise<boolean>;
  /** What the network says of the group now. */
  readonly groupNow: () => Promise<GroupNow | undefined>;
  /** The number of the person's failed messages in this chat. */
  readonly undelivered: number;
  /** The seconds of the chat's timer, where it was set before the chat had a room. */
  readonly untoldTimer: number | undefined;
  /** Whether this kind was told of in this chat before; `record` stores that it was. */
  readonly excluded: { readonly before: boolean; record(tx: Writes): void };
}

/** The edits and reactions of a message, and the number of its next part. */
interface Since {
  readonly revisions: readonly Revision[];
  readonly reactions: readonly Reaction[];
  readonly nextPart: number;
  /** The parts that are files, where there are several, or where the caption is a part of its own. */
  readonly files: ReadonlySet<number>;
  /** Whether it disappears, so that nothing that stays may repeat it. */
  readonly disappears: boolean;
}

export const ELSEWHERE = "that is not in this room.";

export function botSays(words: string, context: NetworkEventContext): (tx: Writes) => void {
  const row = context.outbox.row(context.portal.room, context.bot, context.encoder.notice(words));
  return (tx) => tx.matrixOutbox.add(row);
}

/** As {@link botSays}, but once a day in a room, for words that somebody could cause over and over. */
export function botSaysOnce(
  words: string,
  { portal, bot, encoder, outbox }: NetworkEventContext,
): (tx: Writes) => void {
  const row = outbox.row(portal.room, bot, encoder.notice(words));
  return (tx) => tx.told.once(words, row);
}

export function targetOf(context: NetworkEventContext, id: MessageId, part: number): RowTarget {
  const { login, chat } = context.portal;
  return { kind: "message", login, chat, id, part };
}

export function actorRow(
  encoded: EncodedEvent,
  context: NetworkEventContext,
  more: Parameters<OutboxRows["row"]>[3],
) {
  return context.outbox.row(context.portal.room, context.actor.user, encoded, more);
}

/** A row for a part of a message; its file is uploaded when the row is sent. */
export function partRow(
  encoded: EncodedEvent,
  context: NetworkEventContext,
  more: Parameters<OutboxRows["row"]>[3],
) {
  const { media, picture } = encoded;
  const login = context.broughtTo;
  const attachment =
    (media && { attachment: { media, login } }) ??
    (picture && { attachment: { media: picture, isPicture: true as const, login } });
  return actorRow(encoded, context, { ...more, ...attachment });
}

/**
 * The row that redacts what a contact or our person did; it names the target by its row where the event is not known
 * yet.
 */
export function redactionOf(
  { event, row, room, sender }: Pick<Revision, "event" | "row" | "room" | "sender">,
  context: NetworkEventContext,
): NewMatrixOutboxRow | undefined {
  const { encoder, outbox, portal, actor, bot } = context;
  // Only the bot may redact in a former room, and what is not the actor's.
  const theirs = sender !== undefined && sender === actor.person && room === portal.room;
  const by = theirs ? actor.user : bot;
  if (event !== undefined) return outbox.row(room, by, encoder.redaction(event));
  return row && outbox.row(room, by, encoder.redaction(TARGET), { target: { kind: "row", id: row } });
}
