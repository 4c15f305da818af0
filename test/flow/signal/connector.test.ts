import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatId, LoginId, OutboxId, PersonId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import type { NetworkClient, OutgoingItem } from "../../../src/core/ports/network.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { SignalNetwork } from "../../../src/networks/signal/connector.ts";
import { chatWith, personOf } from "../../../src/networks/signal/ids.ts";
import { processRandom } from "../../../src/program/process-clock.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { eventually } from "../../kit/eventually.ts";
import { LogLines } from "../../kit/fake-homeserver-world.ts";
import { memoryTools } from "../../kit/memory-tools.ts";
import { RecordingSink } from "../../kit/recording-sink.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";

let world: LinkingWorld;
let network: SignalNetwork;
const stopping = new AbortController();
const log = new LogLines();
beforeAll(async () => {
  world = await LinkingWorld.start();
  network = new SignalNetwork({
    section: signalSection.parse(world.mock.section),
    store: world.store,
    clock: world.clock,
    random: processRandom,
    tools: memoryTools,
    log,
    stopping: stopping.signal,
  });
});
afterAll(async () => {
  stopping.abort();
  await world[Symbol.asyncDispose]();
});

async function connected(login: Login, sink: RecordingSink): Promise<NetworkClient> {
  const client = network.connect(login, sink);
  await client.connected(AbortSignal.timeout(20_000));
  return client;
}

describe("Signal as a network of the bridge", () => {
  test("goes on with a phone number that was changed on the phone, and its new keys", async () => {
    const wim = await world.mock.person("Wim");
    const { login, device } = await world.linked(wim);
    const sink = new RecordingSink(world.store, login.id);
    await using _ = await connected(login, sink);
    await device;
    const of = { login: login.id, account: "pni" } as const;
    const before = await world.store.family(signalRecords).own(of);
    await wim.changesNumber();
    const now = async () => readAccount((await world.store.logins.get(login.id))?.account ?? "");
    await eventually("the new number", async () => (await now()).number === wim.number);
    expect((await now()).pni).toBe(wim.pni.replace("PNI:", ""));
    expect(await world.store.logins.get(login.id)).toMatchObject({ visibleId: wim.number });
    const after = await world.store.family(signalRecords).own(of);
    expect(after?.keyPair).not.toEqual(before?.keyPair);
    expect(after?.registrationId).not.toBe(before?.registrationId);
    // The client was loaded anew: who knows only the new number reaches our person by it.
    const nel = await world.mock.person("Nel");
    const keys = () => world.store.family(signalRecords).preKeyIds(of, "one-time");
    await eventually("prekeys of the new number", async () => (await keys()).length > 0);
    await nel.says(wim, "hello, new number", { toNumber: true, sealed: false });
    await eventually("the message", () => sink.events.some(({ kind }) => kind === "message"));
  });

  test("whose keys are missing is linked again, which keeps the rooms", async () => {
    const { login } = await world.linked(await world.mock.person("Kwijt"));
    const sink = new RecordingSink(world.store, login.id);
    await using _ = network.connect({ ...login, id: "login-without-keys" as LoginId }, sink);
    const words =
      "The keys of your Signal account are missing here. Write “enable signal” to the bot to link it again; your chats go on in their rooms then.";
    await sink.until("the words", () => sink.states.some((state) => state.kind === "refused"));
    expect(sink.states.at(-1)).toEqual({ kind: "refused", words });
  });

  test("asks for a captcha in words, takes it by a command, and sends what waited", async () => {
    const jan = await world.mock.person("Jan");
    const nel = await world.mock.person("Nel");
    const { login, device } = await world.linked(jan);
    const sink = new RecordingSink(world.store, login.id);
    await using client = await connected(login, sink);
    await device;
    const [captcha] = network.settings;
    expect(await captcha?.shown(login.user)).toMatch(/does not ask you/);
    world.mock.server.faults.sends({ kind: "challenge" }, { to: nel.aci });
    const message = { parts: [{ kind: "text", style: "text", body: plainText("hello") }] } as const;
    const item: OutgoingItem = {
      chat: chatWith(personOf(nel.aci) as PersonId),
      id: network.messageId({
        row: "1" as OutboxId,
        login: login.id,
        chat: nel.aci as ChatId,
        at: Date.now(),
        taken: 0,
      }),
      outgoing: { kind: "message", message },
      open: () => Promise.reject(new Error("no file was sent")),
    };
    const refused = await client.send(item, sink.journal(item.id)).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      retryAfter: 86_400_000,
      words: expect.stringMatching(
        /^Signal wants to know that you are a human .*https:\/\/signalcaptchas\.org.* write “captcha”.* is tried again in 1 day\.$/,
      ),
    });
    expect(await captcha?.shown(login.user)).toMatch(/^Open https:\/\/signalcaptchas\.org/);
    await expect(captcha?.change(login.user, "https://signalcaptchas.org")).rejects.toMatchObject({
      words: expect.stringMatching(/^That is not the link. Open https/),
    });
    world.mock.server.faults.requests("/v1/challenge", { status: 428, body: { token: "other" } });
    await expect(captcha?.change(login.user, "signalcaptcha://canary-1")).rejects.toMatchObject({
      words: expect.stringMatching(/^Signal did not take that/),
    });
    const states = sink.states.length;
    expect(await captcha?.change(login.user, "signalcaptcha://canary-2")).toMatch(/^Thank you/);
    // What waits in the chats goes on when it hears of a connection.
    expect(sink.states.slice(states)).toEqual([{ kind: "connected" }]);
    await client.send(item, sink.journal(item.id));
    await nel.hears("hello");
    expect(await captcha?.shown(login.user)).toMatch(/does not ask you/);
  });

  test("takes itself off the phone's list, also where it is not connected", async () => {
    const piet = await world.mock.person("Piet");
    const { login, device } = await world.linked(piet);
    {
      await using _ = await connected(login, new RecordingSink(world.store, login.id));
      await device;
    }
    await network.delist(login);
    expect(piet.linkedDevices).toEqual([]);
    await network.delist(login);
  });

  test("sees whether the server takes connections", async () => {
    expect(await network.check()).toBeUndefined();
    world.mock.server.faults.upgrades({ status: 499 });
    expect(await network.check()).toMatchObject({ kind: "proof", cure: expect.stringMatching(/^Update/) });
    world.mock.server.faults.upgrades({ status: 503 });
    expect(await network.check()).toMatchObject({
      kind: "link",
      address: `https://localhost:${world.mock.port}`,
      what: expect.stringContaining("cannot be reached"),
    });
  });

  test("writes nothing that is secret into the log", async () => {
    const people = await Promise.all(["Wim", "Jan", "Piet", "Nel"].map((name) => world.mock.person(name)));
    const accounts = (await world.store.logins.all()).map(({ account }) => readAccount(account));
    const secrets = [
      ...people.flatMap(({ number, phone }) => [
        number,
        phone.accountEntropyPool,
        ...texts(phone.profileKey.serialize()),
        ...texts(phone.masterKey),
      ]),
      ...accounts.map(({ password }) => password),
      "sgnl://",
      "canary",
    ];
    expect(accounts.length).toBeGreaterThan(2);
    const said = JSON.stringify([log, world.log]);
    expect(said.length).toBeGreaterThan(100);
    for (const secret of secrets) expect(said).not.toContain(secret);
  });
});

/** As a log might show bytes. */
const texts = (bytes: Uint8Array): readonly string[] =>
  (["hex", "base64", "base64url"] as const).map((form) => Buffer.from(bytes).toString(form));
