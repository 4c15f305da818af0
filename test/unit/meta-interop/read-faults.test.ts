import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { LoginId } from "../../../src/core/model/ids.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { JwtKeys } from "../../../src/networks/meta-interop/account/jwt-keys.ts";
import { loadOwnKeys, makeOwnKeys } from "../../../src/signal-protocol/key-maker.ts";
import { PreKeySupply } from "../../../src/signal-protocol/prekey-supply.ts";
import {
  type AccountKey,
  aciOf,
  type PreKeyKind,
  signalRecords,
} from "../../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../../src/store/open.ts";
import { withFamilyReads } from "../../kit/family-reads.ts";
import { quietLog, realClock } from "../../kit/interop-world.ts";

let store: Store;
/** The same store, of which the next act of a kind fails. */
let shaky: Store;
let failing: "read" | "write" | undefined;

beforeEach(() => {
  store = openStore({ path: ":memory:", log: quietLog });
  failing = undefined;
  const { records } = store;
  const signal = store.family(signalRecords);
  const reads = {
    ...signal,
    lastPreKeyId: (of: AccountKey, kind: PreKeyKind) => orFail("read", () => signal.lastPreKeyId(of, kind)),
  };
  shaky = {
    ...withFamilyReads(store, signalRecords, reads),
    write: (record) => orFail("write", () => store.write(record)),
    records: { ...records, get: (scope, name) => orFail("read", () => records.get(scope, name)) },
  };
});
afterEach(async () => store[Symbol.asyncDispose]());

async function orFail<T>(kind: typeof failing, act: () => Promise<T>): Promise<T> {
  if (failing !== kind) return act();
  failing = undefined;
  throw new BridgeError("storage", { words: "The disk reports an error.", certain: true, retryAfter: 0 });
}

describe("a fault of the disk that passes", () => {
  test.each(["read", "write"] as const)("does not keep the bridge from signing tokens (%s)", async (kind) => {
    const keys = new JwtKeys(shaky, realClock);
    failing = kind;
    await expect(Promise.all([keys.current(), keys.published()])).rejects.toMatchObject({
      reason: "storage",
    });
    const [{ kid }, { keys: published }] = await Promise.all([keys.current(), keys.published()]);
    expect(published.map((key) => key.kid)).toEqual([kid]);
  });

  test.each(["read", "write"] as const)(
    "leaves the old key in use where it was to change (%s)",
    async (kind) => {
      const keys = new JwtKeys(shaky, realClock);
      const { kid } = await keys.current();
      failing = kind;
      await expect(keys.rotate()).rejects.toMatchObject({ reason: "storage" });
      failing = "read";
      await expect(keys.current()).rejects.toMatchObject({ reason: "storage" });
      expect((await keys.current()).kid).toBe(kid);
      await keys.rotate();
      expect((await keys.current()).kid).not.toBe(kid);
    },
  );

  test("does not keep what could not be decrypted from being asked for again", async () => {
    const own = loadOwnKeys(makeOwnKeys());
    const login = "login-1" as LoginId;
    const supply = new PreKeySupply({ store: shaky, of: aciOf(login), own, now: () => 1 });
    failing = "read";
    await expect(supply.bundleForRetry()).rejects.toMatchObject({ reason: "storage" });
    const { bundle } = await supply.bundleForRetry();
    expect(bundle.oneTime?.id).toBeGreaterThan(0);
  });
});
