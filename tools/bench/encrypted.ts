import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BenchWorld } from "./bench-world.ts";
import { residentMemory } from "./machine.ts";
import { clock } from "./protocol.ts";
import { inMs, percentile, type Result } from "./results.ts";
import { startToReady } from "./starts.ts";
import { latency, matrixToNetwork, networkToMatrix, warmUp } from "./throughput.ts";

/** Devices of one person, of whom each gets each ghost's keys. */
const DEVICES = 50;
/** Contacts of whom each has a ghost with a device and keys of its own. */
const GHOSTS = 1_000;
/** Contacts that are made at once. */
const TOGETHER = 20;
const FIRST_MESSAGES = 10;

interface Encrypted {
  readonly folder: string;
  readonly messages: number;
  readonly profile: boolean;
}

/** What encrypted rooms cost, measured as clear ones are, in a world where all rooms are. */
export async function encryptedRooms({ folder, messages, profile }: Encrypted): Promise<readonly Result[]> {
  const one = await inWorld(join(folder, "encrypted"), profile, 0, async (world) => {
    const results: Result[] = [];
    const phones = await warmUp(world);
    results.push(...(await networkToMatrix(world, messages)));
    const unread = await world.homeserver.ask("unread", messages);
    if (unread > 0) throw new Error(`${unread} of ${messages} messages could not be read.`);
    results.push(...(await matrixToNetwork(world, phones, Math.ceil(messages / 2))));
    results.push(...(await latency(world, phones, 50)));
    results.push(await firstMessages(world, "a contact's first message, with one device of the person's"));
    results.push(await startToReady(world, 5));
    results.push(await manyGhosts(world));
    return results;
  });
  const many = await inWorld(join(folder, "devices"), profile, DEVICES - 1, async (world) => [
    await firstMessages(world, `a contact's first message, with ${DEVICES} devices of the person's`),
  ]);
  return [...one, ...many].map((result) => ({ ...result, what: `encrypted: ${result.what}` }));
}

async function inWorld(
  folder: string,
  profile: boolean,
  others: number,
  act: (world: BenchWorld) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  mkdirSync(folder);
  await using world = await BenchWorld.start(folder, profile, { BRIDGE_ENCRYPTION__MODE: "default" });
  await world.homeserver.ask("encrypts", world.bot, others);
  return await act(world);
}

/** From the order to write until it is in the room: account, room, device, identity and keys are made meanwhile. */
async function firstMessages(world: BenchWorld, what: string): Promise<Result> {
  const times: number[] = [];
  for (let contact = 0; contact < FIRST_MESSAGES; contact += 1) {
    const name = `First ${contact}`;
    const phone = await world.control.addContact({ network: "whatsapp", name });
    await world.homeserver.ask("mark");
    const from = clock();
    await phone.says(world.person, "A first message of the bench");
    const { last } = await world.homeserver.ask("heard", 1);
    times.push(last - from);
  }
  return {
    what,
    measured: `${inMs(percentile(times, 0.5))} (slowest: ${inMs(Math.max(...times))})`,
    aim: "–",
    limit: "making the room, and the library's keys and signatures on the bridge's one thread",
  };
}

async function manyGhosts(world: BenchWorld): Promise<Result> {
  const pid = world.processes.bridge;
  const before = residentMemory(pid);
  await world.homeserver.ask("mark");
  for (let number = 0; number < GHOSTS; number += TOGETHER)
    await Promise.all(
      Array.from({ length: TOGETHER }, async (_, at) => {
        const name = `One ${number + at}`;
        const phone = await world.control.addContact({ network: "whatsapp", name });
        await phone.says(world.person, "One of many");
      }),
    );
  const { first, last } = await world.homeserver.ask("heard", GHOSTS);
  return {
    what: `memory before and after ${GHOSTS.toLocaleString("en")} contacts have written, each a first time`,
    measured: `${before} MiB, ${residentMemory(pid)} MiB; ${inMs((last - first) / GHOSTS)} each`,
    aim: "–",
    limit: "the library's memory, which never shrinks; a hundred ghosts' keys stay open",
  };
}
