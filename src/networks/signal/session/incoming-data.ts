import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { longTextOf } from "../convert/long-text.ts";
import { peopleIn } from "../convert/mentions.ts";
import { toBridge } from "../convert/to-bridge.ts";
import { messageIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { knownName } from "../shown-name.ts";
import type { ContentBody } from "../wire/content.ts";
import type { DataMessage } from "../wire/data-message.ts";
import type { Batch, MessageHead } from "./batch.ts";
import { OWED } from "./own-receipts.ts";
import { answering, revised } from "./revisions.ts";
import { takeTimer } from "./timers.ts";

/** Where a message stands, and who wrote it: a contact, or our own person elsewhere. */
interface DataHead extends MessageHead {
  readonly author: PersonId;
  readonly chat: ChatId;
  /** The contact's, where it is known. */
  readonly senderName?: string | undefined;
  /** Of our own message that disappears: since when; milliseconds since the epoch. */
  readonly expiresFrom?: number | undefined;
}

type DataBody = Extract<ContentBody, { readonly kind: "data" | "edit" }>;

/** Puts a message to a chat into a batch. Rejects only where the store fails. */
export async function takeData(
  context: LoginContext,
  batch: Batch,
  head: DataHead,
  body: DataBody,
): Promise<void> {
  const { own, user } = context;
  const { author, chat, timestamp, at, senderName } = head;
  const named = senderName === undefined ? {} : { senderName };
  const { data } = body;
  // A group's timer is part of its state.
  if (!data.group && carriesTimer(body)) {
    const isChanged = await takeTimer(context, batch, chat, data.timer);
    if (isChanged && data.payload.kind !== "timer") {
      const sender = author === own ? undefined : author;
      const id = messageIdOf({ author, timestamp });
      batch.events.push({ kind: "timer", chat, sender, id, at, ...named, seconds: data.timer.seconds });
    }
  }
  const names = await namesOf(context, data);
  const rest = longTextOf(data.payload);
  const wholeText = rest && (await context.longTexts.read(rest));
  const event = toBridge(head, body, { own, user, names, wholeText });
  if (!event) return;
  if (event.kind === "edit") batch.writes.push(revised(context, event.target, event.id));
  const answered = event.kind === "message" && author === own && answering(context, event.id, event.message);
  if (answered) batch.writes.push(answered);
  const isOwed = event.kind === "message" && event.sender !== undefined;
  batch.events.push(isOwed ? { ...event, ...named, receipt: OWED } : { ...event, ...named });
}

/** What is shown as a message, or is about the timer: others are about a message, and say nothing of the chat. */
const CARRY_TIMER: ReadonlySet<DataMessage["payload"]["kind"]> = new Set([
  "message",
  "sticker",
  "contacts",
  "viewOnce",
  "poll",
  "timer",
]);

const carriesTimer = ({ kind, data }: DataBody): boolean =>
  kind === "data" && CARRY_TIMER.has(data.payload.kind);

async function namesOf(context: LoginContext, data: DataMessage): Promise<ReadonlyMap<PersonId, string>> {
  const names = new Map<PersonId, string>();
  for (const person of peopleIn(data)) {
    const { profile } = (await context.store.family(signalFamily).recipient(context.login, person)) ?? {};
    // As the ghost is called that the name links to.
    const name = await knownName(context, { profile, person });
    if (name !== undefined) names.set(person, name);
  }
  return names;
}
