import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { PrivateKey } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { LoginId, UserId } from "../../../src/core/model/ids.ts";
import type { DisplayStep } from "../../../src/core/ports/login-flow.ts";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { SIGNAL } from "../../../src/networks/signal/ids.ts";
import { linkAccount } from "../../../src/networks/signal/link/link-account.ts";
import { linkFailure } from "../../../src/networks/signal/link/link-failures.ts";
import { removeOwnDevice } from "../../../src/networks/signal/service/devices.ts";
import { Configuration } from "../../../src/networks/signal/session/configuration.ts";
import type { Provision } from "../../../src/networks/signal/wire/provisioning.ts";
import { loadOwnKeys } from "../../../src/signal-protocol/key-maker.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { eventually } from "../../kit/eventually.ts";
import { ConnectedDevice } from "../../kit/signal/connected-device.ts";
import { displayed, LinkingWorld, qrIn } from "../../kit/signal/linking.ts";
import { openDeviceName } from "../../kit/signal/open-device-name.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const LOGIN = "login-of-codes" as LoginId;

let world: LinkingWorld;
beforeAll(async () => {
  world = await LinkingWorld.start();
});
afterEach(() => world.mock.server.faults.clear());
afterAll(() => world[Symbol.asyncDispose]());

describe("linking a phone", () => {
  test("ends with an account that holds what the phone gave, and with the keys of both identities", async () => {
    const wim = await world.mock.person("Wim");
    const { login, device } = await world.linked(wim);
    await using connected = await ConnectedDevice.of(world, login);
    await connected.up();
    const there = await device;
    expect(there.deviceId).toBe(2);
    expect(login.visibleId).toBe(wim.number);
    const account = readAccount(login.account);
    expect(account).toMatchObject({
      aci: wim.aci,
      pni: wim.pni.replace("PNI:", ""),
      number: wim.number,
      deviceId: 2,
    });
    expect(Buffer.from(account.masterKey ?? "")).toEqual(Buffer.from(wim.phone.masterKey));
    expect(Buffer.from(account.profileKey)).toEqual(Buffer.from(wim.phone.profileKey.serialize()));
    const signal = world.store.family(signalRecords);
    for (const identity of ["aci", "pni"] as const) {
      const of = { login: login.id, account: identity };
      expect(await signal.own(of)).toBeDefined();
      expect(await signal.preKeyIds(of, "signed")).toHaveLength(1);
      expect(await signal.preKeyIds(of, "kyber-last-resort")).toHaveLength(1);
    }
    // The name in the phone's list is for the account's devices only.
    const own = await signal.own({ login: login.id, account: "aci" });
    const secret = own && loadOwnKeys(own).identity.privateKey.serialize();
    expect(openDeviceName(world.mock.server.nameOf(there), secret ?? new Uint8Array())).toBe("Matrix bridge");
  });

  test("the account that is linked again goes on as the new device, and the former one is gone", async () => {
    const nel = await world.mock.person("Nel");
    const first = await world.linked(nel);
    {
      await using connected = await ConnectedDevice.of(world, first.login);
      await connected.up();
      await first.device;
    }
    const signal = world.store.family(signalRecords);
    const of = { login: first.login.id, account: "aci" } as const;
    const peer = { name: "somebody", device: 1 };
    await world.store.write((tx) => tx.family(signalRecords).setSession(of, peer, Uint8Array.of(1)));
    const signedBefore = await signal.preKeyIds(of, "signed");
    const again = await world.linked(nel);
    expect(again.done.continues).toBe(first.login.id);
    expect(again.login.id).toBe(first.login.id);
    const now = readAccount(again.login.account);
    expect(now.deviceId).toBe(3);
    expect(nel.linkedDevices.map(({ deviceId }) => deviceId)).not.toContain(2);
    expect(await signal.session(of, peer)).toBeUndefined();
    const [signed = 0, ...more] = await signal.preKeyIds(of, "signed");
    expect(more).toEqual([]);
    expect(signed).toBeGreaterThan(signedBefore.at(-1) ?? 0);
    await using connected = await ConnectedDevice.of(world, again.login);
    await connected.up();
    expect((await again.device).deviceId).toBe(3);
  });

  test.each([true, false, undefined])(
    "the phone's word on read receipts, %s, holds from the first on, and the other choices stay",
    async (readReceipts) => {
      const { store, access, clock } = world;
      const login = world.newLogin();
      await store.write(new Configuration(store, login).told({ typingIndicators: false }));
      world.mock.server.faults.requests("/v1/devices/link", { status: 200, body: { deviceId: 2 } });
      const done = await linkAccount(
        { network: SIGNAL, deviceName: "Matrix bridge", store, clock, access },
        { user: "@ana:example.org" as UserId, login },
        { ...madeUp(), readReceipts },
      );
      await store.write((tx) => done.record(tx));
      expect(await new Configuration(store, login).get()).toEqual({
        readReceipts: readReceipts ?? true,
        typingIndicators: false,
      });
    },
  );

  test("a bridge that takes itself off the list is gone from it, and being gone already is as good", async () => {
    const jan = await world.mock.person("Jan");
    const { login, device } = await world.linked(jan);
    {
      await using connected = await ConnectedDevice.of(world, login);
      await connected.up();
      await device;
    }
    const account = readAccount(login.account);
    await removeOwnDevice(world.access.net, account);
    expect(jan.linkedDevices).toEqual([]);
    await removeOwnDevice(world.access.net, account);
  });

  test("a phone that takes the bridge off its list ends the login in words", async () => {
    const piet = await world.mock.person("Piet");
    const { login, device } = await world.linked(piet);
    await using connected = await ConnectedDevice.of(world, login);
    await connected.up();
    const { deviceId } = await device;
    await world.mock.server.removeDevice(piet.phone.device.aci, deviceId);
    await connected.when("the end", () => connected.endings.length > 0);
    expect(connected.endings).toEqual([{ kind: "gone", words: expect.stringContaining("“enable signal”") }]);
    expect(connected.connection.state).toMatchObject({ kind: "refused" });
  });
});

describe("the code", () => {
  test("is renewed until it is scanned, and the one before is good as long as the newest", async () => {
    const clock = new VirtualClock();
    await using world = await LinkingWorld.start({ clock });
    const wim = await world.mock.person("Wim");
    const [first, second, third] = await codes(world, clock);
    expect(new Set([first, second, third].map(qrIn)).size).toBe(3);
    await eventually("the end of the first", () => !world.mock.server.isShown(qrIn(first)));
    const next = third.next();
    const device = wim.scans(qrIn(second));
    const scanned = await next;
    expect(scanned).toMatchObject({ kind: "wait", words: expect.stringContaining("has scanned") });
    await using connected = await ConnectedDevice.of(world, await world.finished(scanned, LOGIN));
    await connected.up();
    expect((await device).deviceId).toBe(2);
  });

  test("is replaced where its connection breaks, and fails in words where none can be had", async () => {
    const clock = new VirtualClock();
    await using world = await LinkingWorld.start({ clock });
    const first = await world.code();
    const next = first.next();
    await clock.advance(5_000);
    world.mock.server.dropConnections();
    const second = displayed(await next);
    expect(qrIn(second)).not.toBe(qrIn(first));
    const failed = second.next();
    world.mock.server.dropConnections();
    await expect(failed).rejects.toThrow("Signal cannot be reached at the moment. Wait a few minutes first.");
  });

  test("goes with the login process", async () => {
    const process = new AbortController();
    const step = await world.code(process.signal);
    await eventually("the code", () => world.mock.server.isShown(qrIn(step)));
    process.abort();
    await eventually("the end of the code", () => !world.mock.server.isShown(qrIn(step)));
  });

  test.each([
    {
      answer: { status: 503 },
      words: /^Signal cannot be reached at the moment. Wait a few minutes first./,
    },
    {
      answer: { status: 429, headers: { "retry-after": "7200" } },
      words: /Nothing was linked. Wait 2 hours first.$/,
    },
    { answer: { status: 499 }, words: /^Signal no longer serves this version of the bridge/ },
  ])("that cannot be had because of $answer.status says why", async ({ answer, words }) => {
    world.mock.server.faults.upgrades(answer, { path: "/v1/websocket/provisioning" });
    await expect(world.code()).rejects.toMatchObject({ words: expect.stringMatching(words) });
  });
});

describe("what Signal answers to a phone's yes", () => {
  test.each([
    { status: 403, words: /^The code that your phone scanned was no longer valid/ },
    { status: 409, words: /^This bridge is too old for your Signal: / },
    {
      status: 411,
      words: /^Your Signal account has as many linked devices as it may have. On your phone, open/,
    },
    {
      status: 422,
      words: /^Signal did not take this bridge as a device \(error 422\). If it does not/,
    },
    { status: 401, words: /^Signal did not take this bridge as a device \(error 401\)/ },
    { status: 404, words: /^Signal did not take this bridge as a device \(error 404\)/ },
    {
      status: 429,
      headers: { "retry-after": "600" },
      words: /Nothing was linked. Wait 10 minutes first.$/,
    },
    { status: 429, words: /Nothing was linked. Wait an hour or so first.$/ },
    { status: 428, body: { token: "t" }, words: /Nothing was linked. Wait an hour or so/ },
    {
      status: 428,
      headers: { "retry-after": "60" },
      body: { token: "t", options: ["captcha"] },
      words: /Nothing was linked. Wait 1 minute first.$/,
    },
    { status: 410, words: /^Signal did not take this bridge as a device \(error 410\)/ },
    { status: 499, words: /^Signal no longer serves this version of the bridge/ },
    { status: 502, words: /^Signal cannot be reached at the moment. Wait a few minutes first./ },
    { status: 500, words: /^Signal cannot be reached at the moment. Wait a few minutes first./ },
  ])("is told in words: $status", async ({ words, ...answer }) => {
    world.mock.server.faults.requests("/v1/devices/link", answer);
    const linking = world.link(madeUp()).catch((error: unknown) => {
      throw linkFailure(error);
    });
    await expect(linking).rejects.toMatchObject({ words: expect.stringMatching(words) });
    await expect(linking).rejects.toBeInstanceOf(BridgeError);
  });
});

/** Three codes, one after the other. */
async function codes(
  world: LinkingWorld,
  clock: VirtualClock,
): Promise<[DisplayStep, DisplayStep, DisplayStep]> {
  const renewed = async (step: DisplayStep): Promise<DisplayStep> => {
    const next = step.next();
    await clock.advance(45_000);
    expect(clock.now()).toBeLessThanOrEqual(step.expiresAt);
    return displayed(await next);
  };
  const first = await world.code(undefined, LOGIN);
  const second = await renewed(first);
  return [first, second, await renewed(second)];
}

/** What no phone gave. */
function madeUp(): Provision {
  const identity = () => {
    const key = PrivateKey.generate();
    return { publicKey: key.getPublicKey().serialize(), privateKey: key.serialize() };
  };
  return {
    aci: "11111111-1111-4111-8111-111111111111",
    aciIdentity: identity(),
    pni: { id: "PNI:22222222-2222-4222-8222-222222222222", identity: identity() },
    code: "code",
    profileKey: new Uint8Array(32),
    readReceipts: true,
  };
}
