import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect, jest, test } from "@jest/globals";
import { htmlPage, serverError } from "../kit/faulty-proxy.ts";
import { carryThrough } from "../kit/traffic.ts";
import { e2eTimeout, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

test("whatever dies next, in any order, 200 messages each way arrive once and in order", async () => {
  await using test = await TestWorld.start({ proxied: true });
  const { world, proxy } = test;
  const ana = await test.person("Ana");
  const phones = await Promise.all([
    test.contact("whatsapp", "Storm Wind"),
    test.contact("messenger", "Storm Regen"),
    test.contact("whatsapp", "Storm Hagel"),
  ]);

  const disasters: Record<string, () => Promise<void>> = {
    bridge: async () => {
      await world.bridge.kill("SIGKILL");
      await world.startBridge();
    },
    "bridge stopped": async () => {
      await world.bridge.stop();
      await world.startBridge();
    },
    sandbox: async () => {
      await world.sandbox.kill("SIGKILL");
      await world.startSandbox();
    },
    synapse: async () => {
      await world.synapse.kill("SIGKILL");
      await world.startSynapse();
    },
    "bridge and synapse": async () => {
      await Promise.all([world.bridge.kill("SIGKILL"), world.synapse.kill("SIGKILL")]);
      await Promise.all([world.startSynapse(), world.startBridge()]);
    },
    "bridge and sandbox": async () => {
      await Promise.all([world.sandbox.kill("SIGKILL"), world.bridge.kill("SIGKILL")]);
      await Promise.all([world.startBridge(), world.startSandbox()]);
    },
    "lost answers": async () => {
      proxy?.breaks({ kind: "lose-answer" });
      await proxy?.faults(5);
      await world.bridge.kill("SIGKILL");
      proxy?.heals();
      await world.startBridge();
    },
    "odd answers": async () => {
      for (const fault of [htmlPage, serverError(500)]) {
        proxy?.breaks(fault);
        await proxy?.faults(5);
      }
      proxy?.heals();
    },
  };
  const order = shuffled(Object.keys(disasters));
  // Which order it was is the first thing to know when this fails.
  process.stderr.write(`storm: ${order.join(", ")}\n`);

  await carryThrough(test, ana, phones, 200, async (moment) => {
    for (const [index, name] of order.entries()) {
      await moment((index + 1) / (order.length + 1));
      await pause(randomInt(200));
      await disasters[name]?.();
    }
  });
  expect(await world.control.violations()).toEqual({ violations: [] });
});

function shuffled(names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, at: randomInt(1 << 30) }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}
