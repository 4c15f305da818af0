import { createHash } from "node:crypto";
import { cutText } from "../../../core/model/cut-text.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import { saneTime } from "../../../core/model/sane-time.ts";
import { messageId } from "../ids.ts";
import { usableId } from "../wire/attributes.ts";
import { bytes, children, type Node } from "../wire/node.ts";

/** UTF-16 units; of what is longer nobody's name is made. */
const LONGEST_NAME = 1_000;

/** What a stanza said around what it carries. */
export interface Envelope {
  readonly sender: PersonId;
  readonly id: MessageId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly senderName: string | undefined;
}

export function envelopeOf(sender: PersonId, stanza: Node, now: number): Envelope {
  return {
    sender,
    id: idOf(stanza),
    at: timeOf(stanza.attrs, now),
    senderName: nameIn(stanza.attrs),
  };
}

/** What somebody calls themselves. */
export function nameIn({ display_name: name }: Node["attrs"]): string | undefined {
  return name === undefined ? undefined : cutText(name, LONGEST_NAME);
}

/** `sts` has microseconds, `t` seconds. */
export function timeOf(
  { sts, t }: { readonly sts?: string; readonly t?: string } & Node["attrs"],
  now: number,
): number {
  if (sts !== undefined && Number(sts) > 0) return saneTime(Number(sts) / 1_000, now);
  return saneTime(Number(t ?? Number.NaN) * 1_000, now);
}

/** The stanza's id; of one that has none to be kept, another, which is the same each time it comes. */
function idOf({ attrs, ...rest }: Node): MessageId {
  const id = usableId(attrs["id"]);
  if (id !== undefined) return messageId(id);
  const hash = createHash("sha256").update(attrs["id"] ?? "");
  if (!attrs["id"]) for (const enc of children({ attrs, ...rest }, "enc")) hash.update(bytes(enc) ?? "");
  return messageId(`unusable-${hash.digest("hex")}`);
}
