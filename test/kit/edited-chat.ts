import type { Message } from "../../src/core/model/content.ts";
import type { EventId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { OpenFlow } from "./open-flow.ts";

/** A message with a picture; the same name makes the same file. */
export function picture(name: string, caption?: string): Message {
  const source = { at: "homeserver", uri: `mxc://test/${name}` } as const;
  const media = { kind: "image", mimetype: "image/png", name, source } as const;
  return {
    parts: [{ kind: "media", media, ...(caption === undefined ? {} : { caption: plainText(caption) }) }],
  };
}
export const edits = (flow: OpenFlow, target: EventId, message: Message) =>
  flow.does({ kind: "edit", target, message });
export const redacts = (flow: OpenFlow, target: EventId) => flow.does({ kind: "redaction", target });
export const notices = ({ shown }: OpenFlow) => shown.filter((line) => line.startsWith("bot: "));

/** Ana's messages on Bram's phone, each with its newest text. */
export function phone(flow: OpenFlow): readonly string[] {
  const shown = new Map(flow.client.received);
  for (const one of flow.client.taken) {
    if (one.kind === "delete") shown.delete(one.target);
    if (one.kind !== "edit" || !shown.has(one.target)) continue;
    const [part] = one.message.parts;
    if (part?.kind === "media") shown.set(one.target, `media: ${part.caption?.text ?? ""}`);
    if (part?.kind === "text") shown.set(one.target, part.body.text);
  }
  return Array.from(shown.values());
}
