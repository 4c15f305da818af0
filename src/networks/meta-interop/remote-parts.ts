import type { Message, Part, Quoted } from "../../core/content.ts";
import { shortened } from "../../core/cut-text.ts";
import { plainText } from "../../core/rich-text.ts";
import { fromMarkup } from "../../translate/markup.ts";
import { messageId } from "./ids.ts";
import { readMentions, type Two } from "./mentions.ts";
import { remoteMedia } from "./remote-media.ts";
import type { ContentPlaintext } from "./wire/plaintext-kinds.ts";

const EXCERPT = 200;

/** What a contact says at once. */
export function remoteMessage(content: ContentPlaintext, two: Two, senderName: string | undefined): Message {
  const { quoted } = content;
  const parts = partsOf(content, two, senderName);
  if (quoted === undefined) return { parts };
  const excerpt = quoted.content && excerptOf(quoted.content);
  const replyTo: Quoted = {
    id: messageId(quoted.id),
    own: quoted.sender !== undefined && quoted.sender.replace(/:\d+@/, "@") === two.own,
    ...(excerpt === undefined ? {} : { excerpt }),
  };
  return { parts, replyTo };
}

/** Text in the network's markup; `mentions` are the JIDs it names. */
export function textPart(
  text: string,
  two: Two,
  senderName: string | undefined,
  mentions: readonly string[] | undefined,
): Part {
  return { kind: "text", style: "text", body: fromMarkup(text, readMentions(two, senderName, mentions)) };
}

function partsOf(content: ContentPlaintext, two: Two, senderName: string | undefined): readonly Part[] {
  switch (content.kind) {
    case "text":
      return [textPart(content.text, two, senderName, content.mentions)];
    case "image":
    case "video": {
      const { caption, mentions } = content;
      const media = remoteMedia(content);
      if (caption === undefined) return [{ kind: "media", media }];
      return [
        { kind: "media", media, caption: fromMarkup(caption, readMentions(two, senderName, mentions)) },
      ];
    }
    case "document": {
      const media = remoteMedia(content);
      if (content.caption === undefined) return [{ kind: "media", media }];
      return [{ kind: "media", media, caption: fromMarkup(content.caption) }];
    }
    case "audio":
    case "sticker":
      return [{ kind: "media", media: remoteMedia(content) }];
    case "location": {
      const { latitude, longitude, name, address, live } = content;
      const words = [live ? "Live location, where it was when shared" : undefined, name, address];
      const named = words.filter((word) => word !== undefined && word !== "").join(", ");
      return [{ kind: "location", latitude, longitude, ...(named === "" ? {} : { name: named }) }];
    }
    case "contact":
      return content.contacts.map(({ name, vcard }) => ({ kind: "contact", name, vcard }));
    case "poll":
      return [pollPart(content)];
  }
}

function pollPart({ question, options, selectable }: Extract<ContentPlaintext, { kind: "poll" }>): Part {
  const lines = [
    `📊 Poll: ${question}`,
    ...options.map((option, index) => `${index + 1}. ${option}`),
    selectable === 1 ? "(One answer.)" : "(Several answers may be chosen.)",
    "This is a poll. It cannot be voted in from here; answer with a message.",
  ];
  return { kind: "text", style: "text", body: plainText(lines.join("\n")) };
}

function excerptOf(content: ContentPlaintext): string | undefined {
  const words = wordsOf(content).trim();
  return words === "" ? undefined : shortened(words, EXCERPT);
}

function wordsOf(content: ContentPlaintext): string {
  switch (content.kind) {
    case "text":
      return content.text;
    case "image":
      return content.caption ?? "Picture";
    case "video":
      return content.caption ?? (content.gif ? "GIF" : "Video");
    case "audio":
      return content.voice ? "Voice message" : "Audio";
    case "document":
      return content.caption ?? content.fileName ?? "File";
    case "sticker":
      return "Sticker";
    case "location":
      return content.name ?? "Location";
    case "contact":
      return content.contacts.map(({ name }) => name).join(", ");
    case "poll":
      return content.question;
  }
}
