import type { Part } from "../../core/content.ts";
import { BridgeError } from "../../core/errors.ts";
import type { Outgoing } from "../../core/events.ts";
import { toMarkup } from "../../translate/markup.ts";
import type { Profile } from "./profile.ts";
import { pad } from "./wire/padding.ts";
import { encodeText } from "./wire/plaintext.ts";

/** The plaintext of a message for the network, padded. Throws BridgeError where the network cannot carry it. */
export function fromBridge(profile: Profile, { message }: Outgoing, longest: number): Uint8Array {
  const text = message.parts.map(textOf).join("\n");
  if (text.length > longest) {
    throw new BridgeError("too-large", {
      words: `${profile.name} takes messages of up to ${longest} characters; this one has ${text.length}. Send it in shorter pieces.`,
      certain: true,
    });
  }
  const quoted = message.replyTo === undefined ? {} : { quoted: { id: message.replyTo } };
  return pad(encodeText(profile.plaintext, { text, ...quoted }));
}

function textOf(part: Part): string {
  switch (part.kind) {
    case "text": {
      const text = toMarkup(part.body);
      return part.style === "emote" ? `* ${text}` : text;
    }
  }
}
