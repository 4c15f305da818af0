import type { QueueName } from "../../core/people/administration.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { forAdministrators } from "./for-administrators.ts";

const NAMES: { readonly [N in QueueName]: readonly [queue: string, lane: string] } = {
  matrix_inbox: ["From the homeserver", "room"],
  matrix_outbox: ["To the homeserver", "room"],
  network_inbox: ["From the networks", "chat"],
  network_outbox: ["To the networks", "chat"],
};

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const all = await context.administration.queues();
  const own = await ownPart(request, context);
  const queues = all.map(({ name, rows, lanes }) =>
    name === "matrix_inbox"
      ? { name, rows: rows - own.rows, lanes: lanes - own.lanes }
      : { name, rows, lanes },
  );
  const lines = queues.map(({ name, rows, lanes }) => {
    const [queue, lane] = NAMES[name];
    return `• ${queue}: ${rows === 0 ? "nothing waits" : `${rows} in ${counted(lanes, lane)}`}.`;
  });
  const next = queues.some(({ rows }) => rows > 0)
    ? "What waits is tried again by itself. If a number does not go down, write “logins” to see who is not connected."
    : "All has crossed.";
  return [[...lines, next].join("\n")];
}

/** What the command itself is of the queue from the homeserver, in which it is until it is answered. */
async function ownPart({ room, event }: CommandRequest, { store }: CommandContext) {
  const waiting = await store.matrixInbox.next(room, 2);
  const isThere = waiting.some((row) => row.event.id === event);
  return { rows: isThere ? 1 : 0, lanes: isThere && waiting.length === 1 ? 1 : 0 };
}

export const queues: Command = forAdministrators({
  name: "queues",
  usage: "",
  summary: "Shows how much waits to cross, each way.",
  run,
});
