import type { Capabilities } from "./capabilities.ts";
import type { Message, Part } from "./content.ts";
import { refusalOf } from "./limits.ts";

/** One of the messages that an event becomes. */
export interface Item {
  /** Which of the event's parts it begins with. */
  readonly item: number;
  readonly message: Message;
}

interface Packing {
  /** How many files go in one message. */
  readonly files?: number;
  /** Whether a file is a message of its own. */
  readonly isApart?: (part: Part) => boolean;
}

/** As a network takes them: what it refuses stands apart, so that it keeps no other file from going. */
export const packingOf = (granted: Capabilities, network: string): Packing => ({
  files: granted.files ?? 1,
  isApart: (part) => refusalOf({ parts: [part] }, granted, network) !== undefined,
});

/** The messages that an event becomes: one file in each, unless more go in one. */
export function itemsOf(
  message: Message,
  { files = 1, isApart = () => false }: Packing = {},
): readonly Item[] {
  const { parts, replyTo } = message;
  if (parts.length < 2 || !parts.some(({ kind }) => kind === "media")) return [{ item: 0, message }];
  const packed: { readonly item: number; readonly parts: Part[] }[] = [];
  let open: Part[] = [];
  for (const [item, part] of parts.entries()) {
    const apart = isApart(part);
    if (!apart && open.length > 0 && open.length < files) {
      open.push(part);
      continue;
    }
    const begun = [part];
    packed.push({ item, parts: begun });
    if (!apart) open = begun;
  }
  return packed.map(({ item, parts: some }) => ({
    item,
    message: { parts: some, ...(item === 0 && replyTo !== undefined ? { replyTo } : {}) },
  }));
}

/** Names one of an event's messages by its files, to begin a sentence. */
export function itemWords(item: number, message: Message | undefined): string {
  const files = message?.parts.flatMap((part) => (part.kind === "media" ? [part.media] : [])) ?? [];
  const [first] = files;
  const named = first?.name === undefined ? "" : `, “${first.name}”`;
  const more = files.length > 1 ? `, and ${files.length - 1} more` : "";
  return `Item ${item + 1}${named}${more}: `;
}
