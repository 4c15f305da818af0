import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LinkingWorld } from "../../test/kit/signal/linking.ts";
import { SignalSession } from "../../test/kit/signal/signal-session.ts";
import { inMs, percentile, type Result } from "./results.ts";

/** What waits for a device that was away. */
const WAITING = 1_000;
const SINGLE = 100;

/**
 * A login of Signal's over its mock, both in this process, with the database on disk: what had waited is decrypted,
 * committed and acknowledged in batches; one message at a time is so from the order to write it.
 */
export async function signalMessages(folder: string): Promise<readonly Result[]> {
  mkdirSync(join(folder, "signal"));
  await using world = await LinkingWorld.start({ path: join(folder, "signal", "bridge.db") });
  await using session = await SignalSession.start(world);
  const wim = await world.mock.person("Wim");
  const count = () => session.sink.texts().length;
  const arrived = (wanted: number) => session.sink.until("all messages", () => count() >= wanted, 60);
  for (let each = 1; each <= SINGLE; each += 1) {
    await wim.says(session.phone, `warm ${each}`);
    await arrived(each);
  }
  const single: number[] = [];
  for (let each = 1; each <= SINGLE; each += 1) {
    const began = performance.now();
    await wim.says(session.phone, `single ${each}`);
    await arrived(SINGLE + each);
    single.push(performance.now() - began);
  }
  await session.disconnect();
  for (let each = 1; each <= WAITING; each += 1) await wim.says(session.phone, `waiting ${each}`);
  const before = process.cpuUsage();
  const began = performance.now();
  await session.connect();
  await arrived(2 * SINGLE + WAITING);
  const took = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const each = ((user + system) / 1_000 / WAITING).toFixed(2);
  const limit = "the mock encrypts and hands out in the same process; one flush to disk a batch of 32";
  return [
    {
      what: "Signal: one message, from the order to write it to its commit",
      measured: `${inMs(percentile(single, 0.5))} (99 %: ${inMs(percentile(single, 0.99))})`,
      aim: "5 ms",
      limit: "two flushes to disk, and the mock's encryption",
    },
    {
      what: `Signal: ${WAITING.toLocaleString("en")} waiting messages, from connecting to the last commit`,
      measured: `${inMs(took)}; ms of processor each, with the mock's: ${each}`,
      aim: "2,000 ms",
      limit,
    },
  ];
}
