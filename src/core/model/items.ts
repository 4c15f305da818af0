import type { Message } from "./content.ts";

/** The messages that an event becomes: networks take one file a message. */
export function itemsOf(message: Message): readonly Message[] {
  const { parts, replyTo } = message;
  if (parts.length < 2 || !parts.some(({ kind }) => kind === "media")) return [message];
  return parts.map((part, item) => ({
    parts: [part],
    ...(item === 0 && replyTo !== undefined ? { replyTo } : {}),
  }));
}

/** Names one of an event's files, to begin a sentence. */
export function itemWords(item: number, message: Message | undefined): string {
  const named = message?.parts.find((part) => part.kind === "media")?.media.name;
  return named === undefined ? `Item ${item + 1}: ` : `Item ${item + 1}, “${named}”: `;
}
