import { join } from "node:path";
import { afterAll, beforeAll, describe, jest, test } from "@jest/globals";
import { beginnings, type CrashPoint, crashing, endsAt, receptions, sends } from "../kit/crash-points.ts";
import { CryptoClient } from "../kit/crypto-client.ts";
import { EncryptedChat, type EncryptedPerson } from "../kit/encrypted-chats.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

describe("killed with -9 at each place where keys and messages are made, sent, taken and stored", () => {
  const stack = new AsyncDisposableStack();
  const file = join(stack.use(temporaryFolder()).path, "crash-point.json");
  const on = onSynapse({
    secrets: ["Grünkohl"],
    proxied: true,
    bridgeEnvironment: { BRIDGE_ENCRYPTION__MODE: "default", ...crashing(file) },
  });
  let ana: EncryptedPerson;

  beforeAll(async () => {
    jest.setTimeout(240_000);
    const { world } = on;
    const person = await world.person("Ana", ["whatsapp"]);
    const client = stack.use(await CryptoClient.start(world.world.homeserver, "ana", [], "ana-password"));
    ana = { world, person, client };
  });
  afterAll(() => stack.disposeAsync());

  const named = (points: readonly CrashPoint[]) => points.map((point) => [point.what, point] as const);

  test.each(named(beginnings))("%s: a contact's first message", async (what, point) => {
    const chat = await EncryptedChat.begin(ana, `Grünkohl ${what}`, (act) =>
      endsAt(on.world, file, point, act),
    );
    await chat.says("and back");
    await chat.hears("and once more");
    await chat.arrives();
    await chat.judge();
  });

  test.each(named([...sends, ...receptions]))("%s: a message each way", async (what, point) => {
    const chat = await EncryptedChat.begin(ana, `Grünkohl ${what}`);
    const isOurs = receptions.includes(point);
    await endsAt(on.world, file, point, () => (isOurs ? chat.says("killed at") : chat.hears("killed at")));
    for (const text of ["one", "two"]) {
      await chat.says(text);
      await chat.hears(text);
    }
    await chat.arrives();
    await chat.judge();
  });

  test("Synapse is killed with -9 when it has just taken keys of either side", async () => {
    const { synapse } = on.world.world;
    const { proxy } = on.world;
    const dies = async () => {
      await synapse.kill("SIGKILL");
      await on.world.world.startSynapse();
    };
    const chat = await EncryptedChat.begin(ana, "Grünkohl and Synapse", async (act) => {
      proxy?.poisons({ kind: "lose-answer" }, (_method, url) => url.includes("/sendToDevice/"));
      const met = proxy?.faults(1);
      await act();
      await met;
      await dies();
      proxy?.heals();
    });
    await chat.hears("after it");
    await chat.arrives();
    // Of what our person sends, Synapse takes the key and the message, and forgets to push them.
    await chat.says("as it dies");
    await dies();
    await chat.says("and after");
    await chat.arrives();
    await chat.judge();
  });
});
