import type { Capabilities } from "../../core/model/capabilities.ts";
import type { MediaKind } from "../../core/model/media.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";
import type { Portal } from "../../core/ports/rows.ts";

/** How far a feature is carried, as `com.beeper.room_features` counts it. */
const REJECTED = -2;
const PARTLY = 1;
const FULLY = 2;

const level = (granted: boolean): number => (granted ? FULLY : REJECTED);
const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Names of the kinds of files in that state. */
const msgtypes: Readonly<Record<MediaKind, string>> = {
  image: "m.image",
  voice: "org.matrix.msc3245.voice",
  audio: "m.audio",
  video: "m.video",
  gif: "fi.mau.gif",
  file: "m.file",
};

/** Networks have marks for bold, italics, strike-through and code; the rest becomes readable text. */
const formatting = {
  bold: FULLY,
  italic: FULLY,
  strikethrough: FULLY,
  inline_code: FULLY,
  code_block: FULLY,
  blockquote: FULLY,
  unordered_list: FULLY,
  ordered_list: FULLY,
  inline_link: PARTLY,
  user_link: PARTLY,
  underline: PARTLY,
  headers: PARTLY,
  spoiler: PARTLY,
  table: PARTLY,
  custom_emoji: PARTLY,
} as const;

/** The state event that tells clients what the network of this chat takes. */
export function roomFeatures(granted: Capabilities, kind: Portal["kind"]): EncodedEvent {
  const { editWindow, deleteWindow, editCount } = granted;
  return {
    type: "com.beeper.room_features",
    content: {
      formatting,
      file: files(granted),
      max_text_length: granted.text,
      location_message: granted.location ? FULLY : PARTLY,
      poll: PARTLY,
      thread: PARTLY,
      reply: granted.replies ? FULLY : PARTLY,
      edit: level(granted.edits),
      ...(granted.edits && editWindow !== undefined ? { edit_max_age: seconds(editWindow) } : {}),
      ...(granted.edits && editCount !== undefined ? { edit_max_count: editCount } : {}),
      delete: level(granted.deletes),
      ...(granted.deletes && deleteWindow !== undefined ? { delete_max_age: seconds(deleteWindow) } : {}),
      reaction: level(granted.reactions),
      ...(granted.reactions ? { reaction_count: 1 } : {}),
      read_receipts: granted.receipts,
      typing_notifications: granted.typing,
      ...(granted.blocks && kind === "direct" ? { block_user: true } : {}),
    },
  };
}

/** Files by kind. A kind that the network refuses is listed too, so that no client offers it by default. */
function files({ media, caption }: Capabilities): Readonly<Record<string, object>> {
  const entries = (Object.keys(msgtypes) as MediaKind[]).map((kind): [string, object] => {
    const limit = media[kind];
    if (limit === undefined) return [msgtypes[kind], { mime_types: { "*/*": REJECTED } }];
    const types = limit.mimetypes.length === 0 ? ["*/*"] : limit.mimetypes;
    const captioned = kind !== "voice" && kind !== "audio";
    return [
      msgtypes[kind],
      {
        mime_types: Object.fromEntries(types.map((type) => [type, FULLY])),
        max_size: limit.bytes,
        caption: captioned ? FULLY : REJECTED,
        ...(captioned ? { max_caption_length: caption } : {}),
      },
    ];
  });
  const images = media.image === undefined ? REJECTED : PARTLY;
  return { ...Object.fromEntries(entries), "m.sticker": { mime_types: { "*/*": images } } };
}
