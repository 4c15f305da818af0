import type { Capabilities } from "../../../core/model/capabilities.ts";
import type { Message, Part, Quoted } from "../../../core/model/content.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { PersonId, UserId } from "../../../core/model/ids.ts";
import type { RichText } from "../../../core/model/rich-text.ts";
import { toMarkup } from "../../../translate/markup.ts";
import type { ContentPlaintext, MessageRef, Plaintext } from "../wire/plaintext-kinds.ts";
import { type Two, writeMentions } from "./mentions.ts";
import type { FilePlaintext } from "./remote-media.ts";

export interface Writing {
  /** The network's name. */
  readonly network: string;
  readonly granted: Capabilities;
  readonly two: Two;
  /** Contacts by the Matrix ids they have here, for mentions. */
  readonly ghosts: ReadonlyMap<UserId, PersonId>;
}

/**
 * What goes into the ciphertext. `file` is the message's file as it is hosted, without its caption. Throws BridgeError
 * where the network cannot carry it now.
 */
export function fromBridge(writing: Writing, outgoing: Outgoing, file?: FilePlaintext): Plaintext {
  const { granted, two, network } = writing;
  const ref = (id: string, fromMe: boolean): MessageRef => ({ id, fromMe, chat: two.person });
  switch (outgoing.kind) {
    case "message": {
      const content = contentOf(writing, outgoing.message, file);
      const { replyTo } = outgoing.message;
      return replyTo && granted.replies ? { ...content, quoted: quoted(replyTo, two) } : content;
    }
    case "edit": {
      if (!granted.edits) throw revoked(network, "edits");
      const { text, mentions } = worded(writing, textOf(outgoing.message), granted.text, "The message");
      return { kind: "edit", target: ref(outgoing.target, true), text, ...mentions };
    }
    case "delete":
      if (!granted.deletes) throw revoked(network, "deletions");
      return { kind: "revoke", target: ref(outgoing.target, true) };
    case "reaction":
      if (!granted.reactions) throw revoked(network, "reactions");
      return { kind: "reaction", target: ref(outgoing.target, outgoing.own), emoji: outgoing.emoji };
  }
}

function contentOf(writing: Writing, { parts }: Message, file: FilePlaintext | undefined): ContentPlaintext {
  const { granted, network } = writing;
  const [part, ...more] = parts;
  if (part === undefined || parts.every(({ kind }) => kind === "text")) {
    const { text, mentions } = worded(writing, joined(parts), granted.text, "The message");
    return { kind: "text", text, ...mentions };
  }
  if (more.length > 0)
    throw unsupported(`${network} takes one thing a message. Send them one after another.`);
  switch (part.kind) {
    case "media":
      return captioned(writing, part.caption, file);
    case "location": {
      if (!granted.location) throw revoked(network, "locations");
      const { latitude, longitude, name } = part;
      return { kind: "location", latitude, longitude, live: false, ...(name === undefined ? {} : { name }) };
    }
    case "contact":
      if (!granted.contacts) throw revoked(network, "contact cards");
      return { kind: "contact", contacts: [{ name: part.name, vcard: part.vcard }] };
    case "text":
      throw new Error("texts are joined above");
  }
}

function captioned(
  writing: Writing,
  caption: RichText | undefined,
  file: FilePlaintext | undefined,
): ContentPlaintext {
  if (!file) throw new Error("a message's file is not hosted");
  if (caption === undefined || file.kind === "audio" || file.kind === "sticker") return file;
  const { text, mentions } = worded(writing, [caption], writing.granted.caption, "The caption");
  return file.kind === "document" ? { ...file, caption: text } : { ...file, caption: text, ...mentions };
}

function joined(parts: readonly Part[]): readonly RichText[] {
  return parts.flatMap((part) =>
    part.kind === "text" ? [part.style === "emote" ? emote(part.body) : part.body] : [],
  );
}

/** “* text” would read as a list item. */
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
    return joined([part]);
  });
}

function worded(writing: Writing, lines: readonly RichText[], most: number, what: string) {
  const { write, mentioned } = writeMentions(writing.two, writing.ghosts);
  const text = lines.map((line) => toMarkup(line, write)).join("\n");
  if (text.length > most) {
    throw new BridgeError("too-large", {
      words: `${what} has ${text.length} characters; ${writing.network} takes up to ${most}. Send it in shorter pieces.`,
      certain: true,
    });
  }
  return { text, mentions: mentioned.size === 0 ? {} : { mentions: [...mentioned] } };
}

function quoted({ id, own, excerpt }: Quoted, two: Two) {
  const content = excerpt === undefined ? {} : { content: { kind: "text", text: excerpt } as const };
  return { id, sender: own ? two.own : two.person, ...content };
}

function revoked(network: string, what: string): BridgeError {
  return unsupported(`${network} takes no ${what} here any more.`);
}

function unsupported(words: string): BridgeError {
  return new BridgeError("unsupported", { words, certain: true });
}
