import type { Capabilities } from "../../../core/model/capabilities.ts";
import type { Message, Part, Quoted } from "../../../core/model/content.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { RichText } from "../../../core/model/rich-text.ts";
import { toMarkup } from "../../../translate/markup.ts";
import type { ContentPlaintext, MessageRef, Plaintext } from "../wire/plaintext-kinds.ts";
import { type ChatPair, writeMentions } from "./mentions.ts";
import type { FilePlaintext } from "./remote-media.ts";

export interface WriteContext {
  /** The network's name. */
  readonly network: string;
  readonly granted: Capabilities;
  readonly pair: ChatPair;
  /** Contacts by the Matrix ids of their ghosts, for mentions. */
  readonly ghosts: ReadonlyMap<UserId, PersonId>;
  readonly group?: WrittenGroup;
}

/** The group that a message is written to. */
interface WrittenGroup {
  readonly chat: ChatId;
  /** Who wrote the messages that it is about, by their ids; undefined for our person, absent where it is not known. */
  readonly authors: ReadonlyMap<MessageId, PersonId | undefined>;
}

/**
 * The plaintext of an outgoing message. `file` is the message's hosted file, without its caption. Throws BridgeError
 * where the network cannot carry the message now.
 */
export function fromBridge(context: WriteContext, outgoing: Outgoing, file?: FilePlaintext): Plaintext {
  const { granted, pair, network, group } = context;
  const ref = (id: MessageId, own: boolean): MessageRef => refTo(context, id, own);
  switch (outgoing.kind) {
    case "message": {
      const content = contentOf(context, outgoing.message, file);
      const { replyTo } = outgoing.message;
      return replyTo && granted.replies ? { ...content, quoted: quoted(replyTo, pair, group) } : content;
    }
    case "edit": {
      if (!granted.edits) throw notGranted(network, "edits");
      const { text, mentions } = markupOf(context, textOf(outgoing.message), granted.text, "The message");
      return { kind: "edit", target: ref(outgoing.target, true), text, ...mentions };
    }
    case "group-change":
      throw new Error("a change of a group is no message");
    case "delete":
      if (!granted.deletes) throw notGranted(network, "deletions");
      return {
        kind: "revoke",
        target: ref(outgoing.target, group?.authors.get(outgoing.target) === undefined),
      };
    case "reaction":
      if (!granted.reactions) throw notGranted(network, "reactions");
      return { kind: "reaction", target: ref(outgoing.target, outgoing.own), emoji: outgoing.emoji };
  }
}

function contentOf(
  context: WriteContext,
  { parts }: Message,
  file: FilePlaintext | undefined,
): ContentPlaintext {
  const { granted, network } = context;
  const [part, ...more] = parts;
  if (part === undefined || parts.every(({ kind }) => kind === "text")) {
    const { text, mentions } = markupOf(context, joinTexts(parts), granted.text, "The message");
    return { kind: "text", text, ...mentions };
  }
  if (more.length > 0)
    throw unsupported(`${network} takes one thing a message. Send them one after another.`);
  switch (part.kind) {
    case "media":
      return withCaption(context, part.caption, file);
    case "location": {
      if (!granted.location) throw notGranted(network, "locations");
      const { latitude, longitude, name } = part;
      return { kind: "location", latitude, longitude, live: false, ...(name === undefined ? {} : { name }) };
    }
    case "contact":
      if (!granted.contacts) throw notGranted(network, "contact cards");
      return { kind: "contact", contacts: [{ name: part.name, vcard: part.vcard }] };
    case "text":
      throw new Error("texts are joined above");
  }
}

function withCaption(
  context: WriteContext,
  caption: RichText | undefined,
  file: FilePlaintext | undefined,
): ContentPlaintext {
  if (!file) throw new Error("a message's file is not hosted");
  if (caption === undefined || file.kind === "audio" || file.kind === "sticker") return file;
  const { text, mentions } = markupOf(context, [caption], context.granted.caption, "The caption");
  return file.kind === "document" ? { ...file, caption: text } : { ...file, caption: text, ...mentions };
}

function joinTexts(parts: readonly Part[]): readonly RichText[] {
  return parts.flatMap((part) =>
    part.kind === "text" ? [part.style === "emote" ? emote(part.body) : part.body] : [],
  );
}

/** An emote as italic text: “* text” would be shown as a list item. */
function emote({ text, spans }: RichText): RichText {
  let start = 0;
  const lines = text.split("\n").map((line) => {
    const range = { start, end: start + line.length };
    start = range.end + 1;
    return range;
  });
  const italic = lines.flatMap((range) =>
    range.end > range.start ? [{ ...range, style: { kind: "italic" } as const }] : [],
  );
  return { text, spans: [...spans, ...italic] };
}

function textOf({ parts }: Message): readonly RichText[] {
  return parts.flatMap((part) => {
    if (part.kind === "media") return part.caption ? [part.caption] : [];
    return joinTexts([part]);
  });
}

function markupOf(context: WriteContext, lines: readonly RichText[], longest: number, what: string) {
  const { write, mentioned } = writeMentions(context.pair, context.ghosts);
  const text = lines.map((line) => toMarkup(line, write)).join("\n");
  if (text.length > longest) {
    throw new BridgeError("too-large", {
      words: `${what} has ${text.length} characters; ${context.network} takes up to ${longest}. Send it in shorter pieces.`,
      certain: true,
    });
  }
  return { text, mentions: mentioned.size === 0 ? {} : { mentions: [...mentioned] } };
}

/** Names a message; in a group with its author, as an id is its author's own. */
function refTo({ pair, group }: WriteContext, id: MessageId, fromMe: boolean): MessageRef {
  if (!group) return { id, fromMe, chat: pair.person };
  const author = fromMe ? pair.own : group.authors.get(id);
  return { id, fromMe, chat: group.chat, ...(author !== undefined && { participant: author }) };
}

function quoted({ id, own, excerpt }: Quoted, pair: ChatPair, group: WrittenGroup | undefined) {
  const content = excerpt === undefined ? {} : { content: { kind: "text", text: excerpt } as const };
  const author = group ? group.authors.get(id) : pair.person;
  const sender = own ? pair.own : author;
  return { id, ...(sender !== undefined && { sender }), ...content };
}

function notGranted(network: string, what: string): BridgeError {
  return unsupported(`${network} takes no ${what} here any more.`);
}

function unsupported(words: string): BridgeError {
  return new BridgeError("unsupported", { words, certain: true });
}
