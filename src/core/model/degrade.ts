import type { Capabilities } from "./capabilities.ts";
import type { Message, Part } from "./content.ts";

export interface Degraded {
  readonly message: Message;
  /** What the sender is told about the change; undefined where nothing changed. */
  readonly note: string | undefined;
}

const text = (words: string): Part => ({ kind: "text", style: "text", body: { text: words, spans: [] } });

/** The message in a form that the network takes: what it cannot carry becomes text or another kind, with a note. */
export function degrade(message: Message, granted: Capabilities, network: string): Degraded {
  const notes: string[] = [];
  const parts = message.parts.map((part): Part => {
    const less = lessOf(part, granted);
    if (!less) return part;
    notes.push(`${network} takes no ${less.what} here, so it was sent as ${less.as}.`);
    return less.part;
  });
  const answered = message.replyTo !== undefined && !granted.replies;
  if (answered) notes.push(`${network} takes no replies here, so it was sent as a message of its own.`);
  const { replyTo, ...rest } = message;
  const kept = replyTo === undefined || answered ? {} : { replyTo };
  return { message: { ...rest, ...kept, parts }, note: notes.length === 0 ? undefined : notes.join(" ") };
}

interface Less {
  readonly part: Part;
  readonly what: string;
  readonly as: string;
}

function lessOf(part: Part, granted: Capabilities): Less | undefined {
  if (part.kind === "location" && !granted.location) {
    const at = `${part.latitude},${part.longitude}`;
    const link = `https://www.openstreetmap.org/?mlat=${part.latitude}&mlon=${part.longitude}`;
    const words = `📍 ${part.name === undefined ? "" : `${part.name} `}${at}\n${link}`;
    return { part: text(words), what: "locations", as: "text with a link to a map" };
  }
  if (part.kind === "contact" && !granted.contacts) {
    const numbers = Array.from(part.vcard.matchAll(/^TEL[^:\r\n]*:(.+)$/gimu), ([, number]) =>
      number?.trim(),
    );
    return { part: text([`👤 ${part.name}`, ...numbers].join("\n")), what: "contact cards", as: "text" };
  }
  return undefined;
}
