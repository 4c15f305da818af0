import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { crashing, endsAt } from "../kit/crash-points.ts";
import { CryptoClient } from "../kit/crypto-client.ts";
import { EncryptedChat } from "../kit/encrypted-chats.ts";
import { carryEncrypted } from "../kit/encrypted-traffic.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { carryThrough } from "../kit/traffic.ts";
import type { TestPerson } from "../kit/world.ts";

describe("200 messages each way, nothing lost, nothing twice, in order, when", () => {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());
  const crashFile = join(folder.path, "crash-point.json");
  const here = onSynapse({
    secrets: [],
    bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE: "allow", ...crashing(crashFile) },
  });
  let ana: TestPerson;

  beforeAll(async () => {
    ana = await here.world.person("Ana");
  });

  const twoContacts = (name: string) =>
    Promise.all([
      here.world.contact("whatsapp", `${name} de Wit`),
      here.world.contact("messenger", `${name} Zwart`),
    ]);

  test("the bridge is killed with -9 three times", async () => {
    const phones = await twoContacts("Bram");
    await carryThrough(here.world, ana, phones, 200, async (moment) => {
      for (const share of [0.2, 0.5, 0.8]) {
        await moment(share);
        await here.world.world.bridge.kill("SIGKILL");
        await here.world.world.startBridge();
      }
    });
  });

  test("the bridge is away while everything is sent, and Synapse is killed with -9 meanwhile", async () => {
    const phones = await twoContacts("Carl");
    await carryThrough(here.world, ana, phones, 200, async (moment) => {
      await moment(0.1);
      await here.world.world.bridge.kill("SIGKILL");
      await moment(0.5);
      await here.world.world.synapse.kill("SIGKILL");
      await here.world.world.startSynapse();
      await moment(1);
      await here.world.world.startBridge();
    });
  });

  test("Synapse is killed with -9 and stopped, and the sandbox is killed with -9 twice", async () => {
    const phones = await twoContacts("Dirk");
    await carryThrough(here.world, ana, phones, 200, async (moment) => {
      const { world } = here.world;
      await moment(0.2);
      await world.synapse.kill("SIGKILL");
      await world.startSynapse();
      await moment(0.4);
      await world.sandbox.kill("SIGKILL");
      await world.startSandbox();
      await moment(0.6);
      await world.synapse.stop();
      await world.startSynapse();
      await moment(0.8);
      await world.sandbox.kill("SIGKILL");
      await world.startSandbox();
    });
  });

  // `npm run nightly -- encrypted-kill encrypted-traffic` kills at each place, and under more.
  test("the bridge is killed with -9 in an encrypted room, also between an encryption and its commit", async () => {
    const { world } = here;
    await using client = await CryptoClient.start(world.world.homeserver, "ana", [], "ana-password");
    const chat = await EncryptedChat.begin({ world, person: ana, client }, "Eva Geheim");
    await client.encrypt(chat.room);
    const point = { what: "after an encryption", when: "before", writes: ["crypto_sealed"] } as const;
    await endsAt(world, crashFile, point, () => chat.hears("killed at"));
    await carryEncrypted([chat], 20, async (moment) => {
      await moment(0.5);
      await world.world.bridge.kill("SIGKILL");
      await world.world.startBridge();
    });
  });
});
