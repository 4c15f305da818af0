import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { Prefixed } from "../management/command-runs.ts";
import type { ManagementRoom } from "../management/management-room.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store, Writes } from "../ports/store.ts";

interface StrayCommandsParts {
  readonly store: Store;
  readonly management: Pick<ManagementRoom, "prefixed" | "isForRooms">;
  readonly delivery: Pick<DeliveryStatus, "refuse" | "note">;
  readonly clock: Pick<Clock, "now">;
}

/** The scope of the records of the command that each person last wrote in a chat by mistake, by room and person. */
const SCOPE = "stray-command";
/** Milliseconds in which it goes to the contact when it is written again. */
const MEANT_WITHIN = 600_000;

const NOTE =
  "This was sent as it is. If it was meant for me: commands are written in our own chat, without anything before them.";

interface Stray {
  /** Whether it goes to the contact. */
  readonly goes: boolean;
  readonly record: (tx: Writes) => void;
}

/**
 * What becomes of a message in a chat that is written as to another bridge's bot (`!wa logout`). With a command behind the
 * prefix it is not sent, which is said with how it is; anything else is a message, and goes with a word. Undefined for what
 * is not written like that. `flush` stores what came before it.
 */
export async function strayCommand(
  { store, management, delivery, clock }: StrayCommandsParts,
  event: MatrixEvent,
  flush: () => Promise<void>,
): Promise<Stray | undefined> {
  const [part, ...others] = event.kind === "message" ? event.message.parts : [];
  if (part?.kind !== "text" || others.length > 0) return undefined;
  const { text } = part.body;
  const isForRooms = /\s/u.test(text.trim()) && management.isForRooms(text);
  const typed = isForRooms ? asPrefixed(text) : management.prefixed(text);
  if (!typed) return undefined;
  if (!typed.isCommand) return { goes: true, record: delivery.note(event, NOTE) };
  // The command alone is kept, not what follows it.
  const line = `${typed.prefix} ${typed.rest.split(/\s/u, 1)[0] ?? ""}`.trim();
  const name = `${event.room} ${event.sender}`;
  await flush();
  const [until, ...before] = ((await store.records.get(SCOPE, name)) ?? "").split(" ");
  if (before.join(" ") === line && clock.now() <= Number(until))
    return { goes: true, record: (tx) => tx.records.remove(SCOPE, name) };
  const refusal = delivery.refuse(
    event,
    `“${isForRooms ? "" : "!"}${line}” looks like a command for a bot, so it was not sent. Commands are written to me in our own chat; write “help” there. If it is a message, send it once more within ten minutes, and it goes as it is.`,
  );
  const end = clock.now() + MEANT_WITHIN;
  return {
    goes: false,
    record(tx) {
      refusal(tx);
      tx.records.set(SCOPE, name, `${end} ${line}`, end);
    },
  };
}

/** A command for rooms that are no chat yet, which this one is. */
function asPrefixed(text: string): Prefixed {
  const [prefix = "", ...rest] = text.trim().split(/\s+/u);
  return { prefix, rest: rest.join(" "), isCommand: true };
}
