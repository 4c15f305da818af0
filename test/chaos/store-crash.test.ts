import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { aciOf, signalRecords } from "../../src/signal-protocol/signal-records.ts";
import { event, fromNetwork, LOGIN } from "../contract/store-fixtures.ts";
import { fileStore } from "../unit/store/fixtures.ts";

const writer = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));

/** Lets a process write from number `first` on, kills it in the midst of it, and answers what it said is stored. */
async function killedWriter(path: string, first: number, after: number): Promise<readonly number[]> {
  const child = spawn(process.execPath, [writer, path, `${first}`], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => void child.once("exit", (_, signal) => resolve(signal)));
  const said: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(Number(line));
    if (said.length === after) child.kill("SIGKILL");
  }
  expect(await gone).toBe("SIGKILL");
  return said;
}

/** The traces of one write, each as a 0 or 1. */
async function traces(store: Store, n: number): Promise<string> {
  const name = `${n}`;
  const there = [
    (await store.records.get("crash", name)) !== undefined,
    (await store.matrixInbox.unknown([event(name)])).size === 0,
    await store.networkInbox.hasTaken(LOGIN, fromNetwork(name)),
    (await store.family(signalRecords).session(aciOf(LOGIN), { name: name, device: 1 })) !== undefined,
    (await store.matrixOutbox.next(name as RoomId, 1)).length === 1,
  ];
  return there.map(Number).join("");
}

test("kill -9 in the midst of writing: what was said to be stored is, and every write is whole", async () => {
  await using it = fileStore();
  let first = 0;
  for (const after of [1, 37, 150]) {
    const said = await killedWriter(it.path, first, after);
    const store = it.open();
    for (const n of said) expect([n, await traces(store, n)]).toEqual([n, "11111"]);
    // Each of the four lanes may have had one more write under way.
    const top = Math.max(...said) + 8;
    for (let n = first; n <= top; n += 1) expect(["00000", "11111"]).toContain(await traces(store, n));
    await store[Symbol.asyncDispose]();
    first = top + 1;
  }
}, 30_000);
