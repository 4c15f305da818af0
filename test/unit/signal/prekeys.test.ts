import { beforeEach, describe, expect, test } from "@jest/globals";
import type { LoginId, NetworkId, UserId } from "../../../src/core/model/ids.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { keepAlive } from "../../../src/networks/signal/connection/keep-alive.ts";
import { PreKeys } from "../../../src/networks/signal/connection/prekeys.ts";
import type { Chat } from "../../../src/networks/signal/service/chat.ts";
import { loadOwnKeys, makeOwnKeys } from "../../../src/signal-protocol/key-maker.ts";
import { PreKeySupply } from "../../../src/signal-protocol/prekey-supply.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../../src/store/open.ts";
import { LogLines } from "../../kit/fake-homeserver-world.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const login = "login-1" as LoginId;
const of = { login, account: "aci" } as const;
const DAY = 86_400_000;

interface Upload {
  readonly preKeys: readonly { readonly keyId: number }[];
  readonly pqPreKeys: readonly { readonly keyId: number }[];
  readonly signedPreKey?: { readonly keyId: number };
  readonly pqLastResortPreKey?: { readonly keyId: number };
}

let store: Store;
let clock: VirtualClock;
let preKeys: PreKeys;
/** What the server has left, and how it answers an upload. */
let left: { ec: number; kyber: number };
let status: number;
const uploads: Upload[] = [];
const chat = {
  authenticated: {
    getPreKeyCount: async () => ({
      aciEcPreKeyCount: left.ec,
      aciKemPreKeyCount: left.kyber,
      pniEcPreKeyCount: 0,
      pniKemPreKeyCount: 0,
    }),
    fetch: async ({ path, body }: { readonly path: string; readonly body: Uint8Array }) => {
      expect(path).toBe("/v2/keys?identity=aci");
      uploads.push(JSON.parse(Buffer.from(body).toString()));
      if (status === 0) throw new Error("the connection broke");
      if (status === 200) left = { ec: 100, kyber: 100 };
      return { status, headers: [], body: new Uint8Array(), message: "" };
    },
  },
} as unknown as Chat;
const sizes = () =>
  uploads.map(({ preKeys, pqPreKeys, signedPreKey }) => [
    preKeys.length,
    pqPreKeys.length,
    signedPreKey !== undefined,
  ]);

beforeEach(async () => {
  uploads.length = 0;
  clock = new VirtualClock();
  store = openStore({ path: ":memory:", log: new LogLines() });
  const own = makeOwnKeys();
  const row = {
    user: "@ana:example.org" as UserId,
    network: "signal" as NetworkId,
    state: "active",
  } as const;
  await store.write((tx) => {
    tx.logins.add({ ...row, id: login, visibleId: "", account: "{}", consentVersion: 1, consentAt: 0 });
    tx.family(signalRecords).setOwn(of, own);
  });
  const supply = new PreKeySupply({ store, of, own: loadOwnKeys(own), now: () => clock.now() });
  preKeys = new PreKeys(store, [{ of, supply }]);
  left = { ec: 0, kyber: 0 };
  status = 200;
});

describe("the prekeys at the server", () => {
  test("are full after the first check, and replaced by so many where fewer than half are left", async () => {
    await preKeys.check(chat);
    expect(sizes()).toEqual([[100, 100, true]]);
    left = { ec: 50, kyber: 50 };
    await preKeys.check(chat);
    expect(uploads).toHaveLength(1);
    left = { ec: 49, kyber: 50 };
    await preKeys.check(chat);
    expect(sizes().at(-1)).toEqual([100, 0, false]);
    left = { ec: 50, kyber: 49 };
    await preKeys.check(chat);
    expect(sizes().at(-1)).toEqual([0, 100, false]);
  });

  test("have a new signed and last-resort key every two days, once", async () => {
    await preKeys.check(chat);
    await clock.advance(2 * DAY);
    await preKeys.check(chat);
    await preKeys.check(chat);
    expect(sizes()).toEqual([
      [100, 100, true],
      [0, 0, true],
    ]);
    const [first, second] = uploads;
    expect(second?.signedPreKey?.keyId).toBe((first?.signedPreKey?.keyId ?? 0) + 1);
    // The former ones stay for messages that are under way.
    expect(await store.family(signalRecords).preKeyIds(of, "signed")).toHaveLength(2);
    expect(await store.family(signalRecords).preKeyIds(of, "kyber-last-resort")).toHaveLength(2);
  });

  test("are the same at the next try where the answer was lost, and others where they were refused", async () => {
    status = 0;
    await expect(preKeys.check(chat)).rejects.toThrow("broke");
    await expect(preKeys.check(chat)).rejects.toThrow("broke");
    expect(uploads[1]).toEqual(uploads[0]);
    status = 422;
    await expect(preKeys.check(chat)).rejects.toThrow("422");
    expect(await store.family(signalRecords).preKeyIds(of, "one-time")).toEqual([]);
    status = 200;
    await preKeys.check(chat);
    expect(sizes().at(-1)).toEqual([100, 100, true]);
    expect(uploads.at(-1)?.preKeys[0]?.keyId).not.toBe(uploads[0]?.preKeys[0]?.keyId);
  });
});

describe("a connection's silence", () => {
  test("is noticed within half a minute", async () => {
    const asked: number[] = [];
    const closed = Promise.withResolvers<unknown>();
    const connection = {
      async fetch({ timeoutMillis = Number.NaN }: { readonly timeoutMillis?: number }) {
        asked.push(timeoutMillis);
        if (asked.length < 3) return { status: 200, headers: [], body: new Uint8Array(), message: "" };
        throw new Error("timed out");
      },
    };
    keepAlive({ connection, close: closed.resolve, closed: closed.promise }, clock);
    await clock.advance(10 * 60_000);
    expect(await closed.promise).toMatchObject({ message: "timed out" });
    // Two answers, the third question, and the longest wait for its answer.
    expect(asked).toHaveLength(3);
    const [timeout = 0] = asked;
    expect(timeout + 18_000).toBeLessThan(30_000);
    expect(clock.timers).toBe(0);
  });
});
