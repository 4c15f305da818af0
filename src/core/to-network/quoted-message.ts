import type { Message, Quoted } from "../model/content.ts";
import { cutText } from "../model/cut-text.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Store } from "../ports/store.ts";
import type { MatrixEventContext, QuotedContent } from "./event-context.ts";
import { shownEdit, UNDELIVERED } from "./shown-edit.ts";

/** UTF-16 units; Signal's and other apps show a few lines. */
const EXCERPT = 1_000;

interface QuotedMessageParts {
  readonly store: Pick<Store, "networkOutbox" | "revisions">;
  readonly homeserver: Pick<Homeserver, "event">;
}

/**
 * What a reply of our person's shows of the message that it answers, for a network that wants it: read from the
 * homeserver, as the bridge keeps no text, and only of a message that the bridge itself knows in this chat. What the
 * reply says about it, its fallback, may be anything. Undefined where there is none, or it cannot be read.
 */
export async function quotedMessage(
  { store, homeserver }: QuotedMessageParts,
  event: MatrixEvent,
  {
    portal,
    network,
    target,
    targetRow,
  }: Pick<MatrixEventContext, "portal" | "network" | "target" | "targetRow">,
): Promise<QuotedContent | undefined> {
  if (event.kind !== "message" || !network.quotes || !target) return undefined;
  if (UNDELIVERED.has(targetRow?.state)) return undefined;
  const { room, login, chat, part, sender } = target;
  if (room !== portal.room || login !== portal.login || chat !== portal.chat) return undefined;
  const edits = (await store.revisions.ofMessage(target, target.id)).filter(
    (edit) => edit.part === part && edit.sender === sender,
  );
  // A reply without its excerpt is better than one that waits.
  const read = async (id: EventId) => homeserver.event(room, id).catch(() => undefined);
  const changed = (await shownEdit(store, edits))?.event;
  const [original, edit] = await Promise.all([read(target.event), changed && read(changed)]);
  if (original?.kind !== "message") return undefined;
  const words = edit?.kind === "edit" ? edit.message : original.message;
  return { ...fileOf(original.message), ...excerptOf(words) };
}

function fileOf({ parts }: Message): Pick<Quoted, "file"> {
  const media = parts.find((part) => part.kind === "media")?.media;
  if (media === undefined) return {};
  const { kind, mimetype, name } = media;
  return { file: { kind, mimetype, ...(name !== undefined && { name }) } };
}

function excerptOf({ parts }: Message): Pick<Quoted, "excerpt"> {
  const texts = parts.map((part) => {
    switch (part.kind) {
      case "text":
        return part.body.text;
      case "media":
        return part.caption?.text ?? "";
      case "location":
        return `📍 ${part.name ?? ""}`;
      case "contact":
        return part.name;
    }
  });
  const excerpt = cutText(texts.filter((text) => text.trim() !== "").join("\n"), EXCERPT).trim();
  return excerpt === "" ? {} : { excerpt };
}
