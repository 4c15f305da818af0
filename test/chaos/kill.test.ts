import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { carryThrough } from "../kit/traffic.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

describe("200 messages each way, nothing lost, nothing twice, in order, when", () => {
  let world: TestWorld;
  let ana: TestPerson;

  beforeAll(async () => {
    world = await TestWorld.start();
    ana = await world.person("Ana");
  }, e2eTimeout);

  afterAll(async () => {
    const violations = await world.world.control.violations();
    await world[Symbol.asyncDispose]();
    expect(violations).toEqual({ violations: [] });
  }, e2eTimeout);

  const twoContacts = (name: string) =>
    Promise.all([world.contact("whatsapp", `${name} de Wit`), world.contact("messenger", `${name} Zwart`)]);

  test(
    "the bridge is killed with -9 three times",
    async () => {
      const phones = await twoContacts("Bram");
      await carryThrough(world, ana, phones, 200, async (moment) => {
        for (const share of [0.2, 0.5, 0.8]) {
          await moment(share);
          await world.world.bridge.kill("SIGKILL");
          await world.world.startBridge();
        }
      });
    },
    e2eTimeout,
  );

  test(
    "the bridge is away while everything is sent, and Synapse is killed with -9 meanwhile",
    async () => {
      const phones = await twoContacts("Carl");
      await carryThrough(world, ana, phones, 200, async (moment) => {
        await moment(0.1);
        await world.world.bridge.kill("SIGKILL");
        await moment(0.5);
        await world.world.synapse.kill("SIGKILL");
        await world.world.startSynapse();
        await moment(1);
        await world.world.startBridge();
      });
    },
    e2eTimeout,
  );

  test(
    "Synapse is killed with -9, and stopped",
    async () => {
      const phones = await twoContacts("Dirk");
      await carryThrough(world, ana, phones, 200, async (moment) => {
        await moment(0.3);
        await world.world.synapse.kill("SIGKILL");
        await world.world.startSynapse();
        await moment(0.7);
        await world.world.synapse.stop();
        await world.world.startSynapse();
      });
    },
    e2eTimeout,
  );

  test(
    "the sandbox is killed with -9 twice",
    async () => {
      const phones = await twoContacts("Emil");
      await carryThrough(world, ana, phones, 200, async (moment) => {
        for (const share of [0.3, 0.7]) {
          await moment(share);
          await world.world.sandbox.kill("SIGKILL");
          await world.world.startSandbox();
        }
      });
    },
    e2eTimeout,
  );
});
