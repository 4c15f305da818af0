import { expiryOf } from "../expiries/expiry-of.ts";
import { setUntoldTimer } from "../expiries/untold-timers.ts";
import type { Message as Content } from "../model/content.ts";
import type { RemoteEvent } from "../model/events.ts";
import { LONGEST_REACTION } from "../model/limits.ts";
import { cleanName } from "../model/names.ts";
import { reachabilityWords } from "../model/reachability-text.ts";
import { type Relation, TARGET } from "../ports/homeserver.ts";
import type { Writes } from "../ports/store.ts";
import { convertDeletion, convertEdit, convertHiding } from "./contact-revisions.ts";
import {
  actorRow,
  botSays,
  ELSEWHERE,
  type NetworkEventContext,
  partRow,
  redactionOf,
  targetOf,
} from "./event-context.ts";
import {
  callWords,
  chatDeletedWords,
  excludedWords,
  longReactionWords,
  timerSetWords,
  timerWords,
  undecryptableWords,
  unsupportedWords,
} from "./event-words.ts";
import { changedIdentityWords } from "./groups/changed-identities.ts";
import { groupHandlers } from "./groups/group-changes.ts";
import { convertJoin } from "./joined-chats.ts";
import { rememberFiles } from "./message-files.ts";
import { convertAnswer, convertBlock } from "./own/own-contacts.ts";
import { markMuted, markUnread } from "./own/own-marks.ts";
import { markRead } from "./own/own-reading.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;

type Record = (tx: Writes) => void;
type Handler<E> = (event: E, context: NetworkEventContext) => Record | Promise<Record>;

const nothing = () => {};

/** For every kind of remote event: the writes that show it in the room. A missing kind does not compile. */
const handlers: { [K in RemoteEvent["kind"]]: Handler<Of<K>> } = {
  message: (event, context) => {
    const { portal, encoder, targets, targetGone, inPlace, since, deleted } = context;
    const { login, chat } = portal;
    if (deleted) return (tx) => tx.networkInbox.unpark({ login, chat }, event.id);
    const { replyTo } = event.message;
    const isReply = replyTo !== undefined && targets.length > 0 && !targetGone;
    const relation: Relation = isReply ? TARGET : undefined;
    // What a message that is gone said is not repeated by an answer to it.
    const shown = targetGone ? withoutQuote(event.message) : event.message;
    const message = inPlace > 0 ? withoutText(shown) : shown;
    const events = encoder.message(message, relation);
    const rows = events.map((encoded, part) =>
      partRow(encoded, context, {
        link: { login, chat, id: event.id, part: since.nextPart + part, sender: event.sender, at: event.at },
        ...(isReply && part === 0 ? { target: targetOf(context, replyTo.id, 0) } : {}),
      }),
    );
    const expiring = expiryOf(login, event, event.id, event.message);
    const parts = { events, first: since.nextPart };
    const remember = rememberFiles(encoder, parts, { login, chat }, event.id, rows[0]?.createdAt ?? 0);
    return (tx) => {
      for (const row of rows) tx.matrixOutbox.add(row);
      remember(tx);
      if (expiring) tx.expiries.add(expiring);
      tx.networkInbox.unpark({ login, chat }, event.id);
    };
  },
  edit: convertEdit,
  delete: convertDeletion,
  reaction: (event, context) => {
    const { portal, encoder, reaction, targets, targetGone } = context;
    if (targetGone) return nothing;
    const { login, chat } = portal;
    const { target: id, sender, emoji } = event;
    if (targets.length === 0) {
      const did = emoji === "" ? "took back a reaction" : `reacted with ${cleanName(emoji, "something")}`;
      return botSays(`${context.actor.name} ${did} to a message ${ELSEWHERE}`, context);
    }
    if (reaction?.emoji === emoji || (!reaction && emoji === "")) return nothing;
    const gone = reaction && redactionOf(reaction, context);
    const made = actorRow(encoder.reaction(emoji, TARGET), context, { target: targetOf(context, id, 0) });
    const key = { login, chat };
    const whole =
      emoji.length > LONGEST_REACTION ? botSays(longReactionWords(emoji, context), context) : nothing;
    return (tx) => {
      if (gone) tx.matrixOutbox.add(gone);
      tx.reactions.remove(key, id, sender);
      if (emoji === "") return;
      tx.matrixOutbox.add(made);
      whole(tx);
      tx.reactions.put({
        ...key,
        target: id,
        sender,
        emoji,
        room: portal.room,
        event: undefined,
        row: made.id,
      });
    };
  },
  undecryptable: (_event, context) => botSays(undecryptableWords(context), context),
  excluded: ({ what }, context) => {
    if (context.excluded.before) return nothing;
    const say = botSays(excludedWords(what, context), context);
    return (tx) => {
      say(tx);
      context.excluded.record(tx);
    };
  },
  call: ({ video }, context) => botSays(callWords(video, context), context),
  unsupported: ({ what }, context) => botSays(unsupportedWords(what, context), context),
  read: (event, context) => {
    const [first] = context.targets;
    return first?.sender === undefined ? nothing : markRead(event.target, event.at, context);
  },
  muted: markMuted,
  "marked-unread": ({ unread }, context) => markUnread(unread, context),
  timer: ({ seconds }, context) => botSays(timerWords(seconds, context), context),
  hidden: convertHiding,
  "chat-deleted": (_event, context) => botSays(chatDeletedWords(context), context),
  blocked: convertBlock,
  "request-answered": convertAnswer,
  joined: convertJoin,
  ...groupHandlers,
  "identity-changed": (event, context) => {
    const { actor, login, contact, portal, commandTarget } = context;
    const verified = contact?.trust === "verified" || contact?.trust === "changed";
    const verifiedAs = verified ? commandTarget : undefined;
    // The rooms of groups are told beside it.
    const say =
      portal.kind === "group"
        ? nothing
        : botSays(changedIdentityWords({ name: actor.name, to: "them", verifiedAs }), context);
    return (tx) => {
      say(tx);
      if (verified) tx.contacts.setTrust(login.id, event.sender, event.chat, "changed");
    };
  },
  // The ghost already has the new name, from when the context was made.
  renamed: () => nothing,
  avatar:
    ({ sender, avatar }, { login, network }) =>
    (tx) =>
      tx.ghosts.tellPicture({ network: network.id, person: sender, login: login.id, ref: avatar }),
  reachability: async (event, context) => {
    const { actor, network, login, contact } = context;
    const offer =
      event.state === "reachable" && context.undelivered > 0
        ? ` ${context.undelivered} of your messages did not arrive; write “retry ${context.commandTarget}” to the bot to send them now.`
        : "";
    const say = botSays(reachabilityWords(event.state, actor.name, network) + offer, context);
    const { portal, archives } = context;
    const words = reachabilityWords(event.state, actor.name, network);
    const change =
      event.state === "gone" && portal.kind === "direct"
        ? await archives.close(portal, `${words} Their history stays here.`)
        : event.state === "reachable" && portal.state === "archived"
          ? await archives.reopen(portal, words + offer)
          : contact?.reachability === event.state
            ? nothing
            : say;
    return (tx) => {
      tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
      change(tx);
    };
  },
};

const withoutQuote = ({ replyTo: _quoted, ...message }: Content): Content => message;

/** A message without its text, where an edit stands in its place: the message's own words are older than the edit's. */
const withoutText = ({ parts }: Content): Content => ({
  parts: parts.flatMap((part) =>
    part.kind === "text" ? [] : part.kind === "media" ? { kind: "media", media: part.media } : part,
  ),
});

/** Kinds whose sender may not write in an archive. */
const SENT_BY_MEMBERS: ReadonlySet<RemoteEvent["kind"]> = new Set(["message", "edit", "delete", "reaction"]);

/** With words before it about the chat's timer, where that was set before there was a room to tell it in. */
function withTimer(record: Record, { kind }: RemoteEvent, context: NetworkEventContext): Record {
  const { untoldTimer: seconds, portal } = context;
  if (seconds === undefined) return record;
  const say = kind === "timer" ? nothing : botSays(timerSetWords(seconds), context);
  return (tx) => {
    setUntoldTimer(tx, portal, 0);
    say(tx);
    record(tx);
  };
}

/** The writes that put an event into the matrix outbox; nothing is sent here. */
export async function convertNetworkEvent(event: RemoteEvent, context: NetworkEventContext): Promise<Record> {
  const handle = handlers[event.kind] as Handler<RemoteEvent>;
  const record = withTimer(await handle(event, context), event, context);
  const { portal, archives } = context;
  return portal.state === "archived" && SENT_BY_MEMBERS.has(event.kind)
    ? archives.showInArchive(portal.room, record)
    : record;
}
