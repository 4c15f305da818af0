import { createHash } from "node:crypto";
import { cutText } from "../../../core/model/cut-text.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { saneTime } from "../../../core/model/sane-time.ts";
import { messageId } from "../ids.ts";
import { usableId } from "../wire/attributes.ts";
import { bytes, children, type Node } from "../wire/node.ts";

/** The longest sender's name, in UTF-16 units. */
const LONGEST_NAME = 1_000;

/** What a stanza says about the message it carries. */
export interface Envelope {
  /** The group it was sent to; absent in a direct chat. */
  readonly group?: ChatId;
  readonly sender: PersonId;
  readonly id: MessageId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly senderName: string | undefined;
}

export function envelopeOf(sender: PersonId, stanza: Node, now: number, group?: ChatId): Envelope {
  return {
    ...(group !== undefined && { group }),
    sender,
    id: idOf(stanza),
    at: timeOf(stanza.attrs, now),
    senderName: nameIn(stanza.attrs),
  };
}

/** The name that somebody gave themselves. */
export function nameIn({ display_name: name }: Node["attrs"]): string | undefined {
  return name === undefined ? undefined : cutText(name, LONGEST_NAME);
}

/** The time of a stanza in milliseconds: `sts` has microseconds, `t` seconds. */
export function timeOf(
  { sts, t }: { readonly sts?: string; readonly t?: string } & Node["attrs"],
  now: number,
): number {
  if (sts !== undefined && Number(sts) > 0) return saneTime(Number(sts) / 1_000, now);
  return saneTime(Number(t ?? Number.NaN) * 1_000, now);
}

/** The stanza's id. Where it cannot be used, an id made of its content, so that a repeat has the same one. */
function idOf({ attrs, ...rest }: Node): MessageId {
  const id = usableId(attrs["id"]);
  if (id !== undefined) return messageId(id);
  const hash = createHash("sha256").update(attrs["id"] ?? "");
  if (!attrs["id"]) for (const enc of children({ attrs, ...rest }, "enc")) hash.update(bytes(enc) ?? "");
  return messageId(`unusable-${hash.digest("hex")}`);
}
