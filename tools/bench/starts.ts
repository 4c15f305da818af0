import { setTimeout as pause } from "node:timers/promises";
import type { BenchWorld } from "./bench-world.ts";
import { processorTime } from "./machine.ts";
import { clock } from "./protocol.ts";
import { inMs, percentile, type Result } from "./results.ts";
import { load } from "./throughput.ts";

/** Measures the time from the command until the bridge is ready, on the data of the earlier measurements. */
export async function startToReady(world: BenchWorld, rounds: number): Promise<Result> {
  const times: number[] = [];
  const worked: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await world.bridge.stop();
    times.push(await world.startBridge());
    worked.push(processorTime(world.bridge.pid ?? 0));
    await world.connected();
  }
  return {
    what: "start to ready",
    measured: `${inMs(percentile(times, 0.5))}, ${inMs(percentile(worked, 0.5))} of processor`,
    aim: "500 ms",
    limit: "reading the code of the libraries",
  };
}

/** Measures the time from the bridge's start until messages that waited at the network are all in their rooms. */
export async function catchUp(world: BenchWorld, messages: number): Promise<Result> {
  await world.bridge.stop();
  await load(world, messages);
  while (Number((await world.control.call("GET", "/load"))["sent"]) < messages) await pause(20);
  await world.homeserver.ask("mark");
  const from = clock();
  const ready = await world.startBridge();
  const { first, last } = await world.homeserver.ask("heard", messages);
  return {
    what: `catch-up of ${messages} waiting messages`,
    measured: `${inMs(last - first)} (from the command: ${inMs(last - from)}, ready after ${inMs(ready)})`,
    aim: "1,000 ms",
    limit: "the start, then the same as network → Matrix",
  };
}
