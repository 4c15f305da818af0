import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { CryptoClient } from "../kit/crypto-client.ts";
import { EncryptedChat, type EncryptedPerson } from "../kit/encrypted-chats.ts";
import { carryEncrypted } from "../kit/encrypted-traffic.ts";
import { onSynapse } from "../kit/on-synapse.ts";

const MESSAGES = 1_000;
const ROOMS = 30;
const KILLS = 10;

const stack = new AsyncDisposableStack();
const on = onSynapse({ secrets: ["Grünkohl"], bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE: "default" } });
let ana: EncryptedPerson;

beforeAll(async () => {
  jest.setTimeout(1_800_000);
  const { world } = on;
  const person = await world.person("Ana", ["whatsapp"]);
  const client = stack.use(await CryptoClient.start(world.world.homeserver, "ana", [], "ana-password"));
  ana = { world, person, client };
});
afterAll(() => stack.disposeAsync());

test(`${MESSAGES} messages each way in ${ROOMS} encrypted rooms, the bridge killed with -9 ${KILLS} times: nothing lost, twice, out of order or undecryptable`, async () => {
  const chats: EncryptedChat[] = [];
  for (let room = 0; room < ROOMS; room += 1) chats.push(await EncryptedChat.begin(ana, `Grünkohl ${room}`));
  const { world } = on.world;
  const seconds = await carryEncrypted(chats, MESSAGES, async (moment) => {
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await moment(kill / (KILLS + 1));
      await world.bridge.kill("SIGKILL");
      await world.startBridge();
    }
  });
  console.log(`${MESSAGES} each way in ${ROOMS} rooms, ${KILLS} kills: ${seconds.toFixed(0)} s`);
  expect(await on.world.control.violations()).toEqual({ violations: [] });
}, 1_800_000);
