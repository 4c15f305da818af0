import type { EventId } from "../../core/model/ids.ts";
import { canonicalEmoji } from "../../translate/emoji.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";

type Decoded =
  | { readonly kind: "reaction"; readonly target: EventId; readonly emoji: string }
  | { readonly kind: "unsupported"; readonly what: string };

const LONGEST = 64;
/** One emoji; also a newer one than this runtime knows, by the pictographs and joiners it is made of. */
const PICTOGRAPHS =
  /^(?:\p{RGI_Emoji}|(?=.*\p{Extended_Pictographic})[\p{Extended_Pictographic}\p{Emoji_Component}]+)$/v;

/** The content of an `m.reaction` (spec: Event annotations and reactions). */
export function decodeReaction(content: unknown): Decoded {
  const relation = fieldOf(content, "m.relates_to");
  const target = fieldOf(relation, "event_id");
  const key = fieldOf(relation, "key");
  if (fieldOf(relation, "rel_type") !== "m.annotation" || !isEventId(target) || typeof key !== "string") {
    return { kind: "unsupported", what: "a reaction to nothing" };
  }
  if (key.startsWith("mxc:")) return { kind: "unsupported", what: "a custom emote as a reaction" };
  const emoji = key.length > LONGEST ? "" : canonicalEmoji(key);
  if (!PICTOGRAPHS.test(emoji)) return { kind: "unsupported", what: "a reaction that is not one emoji" };
  return { kind: "reaction", target, emoji };
}
