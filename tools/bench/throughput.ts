import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import type { BenchWorld } from "./bench-world.ts";
import { meter } from "./cost.ts";
import { residentMemory } from "./machine.ts";
import { Phones } from "./phones.ts";
import { clock } from "./protocol.ts";
import { inMs, percentile, perSecond, type Result } from "./results.ts";

export const chats = 20;

/** Starts a load run of the sandbox. */
export async function load(world: BenchWorld, messages: number): Promise<void> {
  await world.control.call("POST", "/load", {
    network: "whatsapp",
    people: chats,
    messages,
    to: world.person,
  });
}

/** Has each contact write once and be answered, so that rooms and sessions are there on both sides. */
export async function warmUp(world: BenchWorld): Promise<Phones> {
  await load(world, chats);
  await world.homeserver.ask("heard", chats);
  const phones = await Phones.of(world.control);
  await world.homeserver.ask("flood", chats, await world.homeserver.ask("portals"));
  await phones.texts(chats);
  return phones;
}

export async function networkToMatrix(world: BenchWorld, messages: number): Promise<readonly Result[]> {
  const pid = world.processes.bridge;
  const idle = residentMemory(pid);
  const used = meter(world);
  await world.homeserver.ask("mark");
  await load(world, messages);
  const { count, first, last } = await world.homeserver.ask("heard", messages);
  if (count !== messages) throw new Error(`${count} events in the rooms instead of ${messages}.`);
  const each = used.each(messages);
  const after = residentMemory(pid);
  return [
    {
      what: `network → Matrix, ${messages.toLocaleString("en")} messages in ${chats} chats`,
      measured: `${perSecond(count - 1, last - first)}; ${each}`,
      aim: "2,000/s",
      limit:
        "the bridge's one thread, a third of it SQLite; the gatekeeper encrypts each message on the same cores",
    },
    {
      what: `memory, idle and after ${messages.toLocaleString("en")} messages`,
      measured: `${idle} MiB, ${after} MiB`,
      aim: "–",
      limit: "Node, its libraries and the code of libsignal",
    },
  ];
}

export async function matrixToNetwork(
  world: BenchWorld,
  phones: Phones,
  messages: number,
): Promise<readonly Result[]> {
  await phones.news();
  const rooms = await world.homeserver.ask("portals");
  const used = meter(world);
  const { from, taken } = await world.homeserver.ask("flood", messages, rooms);
  const at = await phones.texts(messages);
  const each = used.each(messages);
  return [
    {
      what: `Matrix → network, durably taken, ${messages.toLocaleString("en")} messages`,
      measured: perSecond(messages, taken - from),
      aim: "5,000/s",
      limit: "one transaction of 100 events at a time, each flushed before the answer, while delivery runs",
    },
    {
      what: `Matrix → network, on the phones, in ${chats} chats`,
      measured: `${perSecond(messages, (at.at(-1) ?? 0) - from)}; ${each}`,
      aim: "2,000/s",
      limit:
        "a chat's next message waits for the network's word on the one before, or a refusal would change their order: bridge and gatekeeper wait for each other",
    },
  ];
}

/** Resolves when the bridge has stored the homeserver's answer, which is after the message is seen in the room. */
async function storedAt(newest: Database.Statement<[], number>, since: number): Promise<number> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const at = newest.get() ?? 0;
    if (at >= since) return at;
    if (performance.now() > deadline)
      throw new Error("The bridge has not stored, in 10 s, the message that is in the room.");
    await pause(5);
  }
}

/**
 * One message at a time, nothing else going on. What it takes on its whole way, with the control API's and the
 * gatekeeper's own work, and of that what the bridge adds: from the gatekeeper's server time, whose milliseconds are
 * rounded down, to the homeserver's having it.
 */
export async function latency(world: BenchWorld, phones: Phones, rounds: number): Promise<readonly Result[]> {
  const [room = ""] = await world.homeserver.ask("portals");
  const toMatrix: number[] = [];
  const added: number[] = [];
  const toNetwork: number[] = [];
  using stack = new DisposableStack();
  const database = stack.adopt(new Database(world.database, { readonly: true }), (db) => db.close());
  const newest = database.prepare<[], number>("SELECT max(at) FROM message WHERE sender IS NOT NULL").pluck();
  for (let round = 0; round < rounds; round++) {
    await world.homeserver.ask("mark");
    const from = clock();
    await world.control.call("POST", "/load", {
      network: "whatsapp",
      people: 1,
      messages: 1,
      to: world.person,
    });
    const { last } = await world.homeserver.ask("heard", 1);
    toMatrix.push(last - from);
    await phones.news();
    added.push(last - (await storedAt(newest, Math.floor(from))));
    const said = await world.homeserver.ask("say", room, `One of ${rounds}`);
    const [shown = 0] = await phones.texts(1);
    toNetwork.push(Math.max(0, shown - said));
  }
  const shown = (values: readonly number[]) =>
    `${inMs(percentile(values, 0.5))} (99 %: ${inMs(percentile(values, 0.99))})`;
  const limit = "flushes to disk, two of the bridge's own this way and three the other";
  return [
    {
      what: "one message, from the gatekeeper's clock to the room",
      measured: `${shown(added)}; from the order to write it: ${shown(toMatrix)}`,
      aim: "5 ms",
      limit,
    },
    {
      what: "one message, from the homeserver's push to the phone",
      measured: shown(toNetwork),
      aim: "5 ms",
      limit,
    },
  ];
}
