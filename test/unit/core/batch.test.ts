import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { LoginId } from "../../../src/core/model/ids.ts";
import { type Guard, GuardFailed } from "../../../src/core/ports/guards.ts";
import type { Writes } from "../../../src/core/ports/store.ts";
import { Batch } from "../../../src/core/runtime/batch.ts";

const outage = () => new BridgeError("storage", { words: "Full.", certain: true, retryAfter: 0 });

/** A store that keeps the numbers it is given, whole writes only, and will not take those `bad` names. */
function keeper(bad: (n: number) => Error | undefined) {
  const kept: number[] = [];
  let writes = 0;
  const store = {
    async write(record: (tx: Writes) => void): Promise<void> {
      writes += 1;
      const mine: number[] = [];
      const guard = (condition: Guard) => {
        throw new GuardFailed(condition);
      };
      record({ keep: (n: number) => mine.push(n), guard } as unknown as Writes);
      const fault = mine.map(bad).find((one) => one !== undefined);
      if (fault) throw fault;
      kept.push(...mine);
    },
  };
  const keep = (n: number) => (tx: Writes) => (tx as unknown as { keep(n: number): void }).keep(n);
  return { store, kept, keep, writes: () => writes };
}

const failureOf = async (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe("a batch", () => {
  test("is one commit, and what cannot be stored alone keeps back only what follows it", async () => {
    const { store, kept, keep, writes } = keeper((n) => (n === 3 ? new RangeError("no") : undefined));
    const batch = new Batch(store, [1, 2, 3, 4]);
    for (const n of batch) batch.add(keep(n), n);
    const thrown = await failureOf(batch.flush());
    expect(batch.failureOf(thrown)).toEqual({ row: 3, error: expect.any(RangeError) });
    expect(kept).toEqual([1, 2]);
    expect(writes()).toBe(4);
    await batch.flush();
    expect(kept).toEqual([1, 2]);
  });

  test("in an outage is tried once, and blames nobody else than the first", async () => {
    const { store, keep, writes } = keeper(outage);
    const batch = new Batch(store, [1, 2]);
    for (const n of batch) batch.add(keep(n), n);
    expect(batch.failureOf(await failureOf(batch.flush()))).toMatchObject({
      row: 1,
      error: { outage: true },
    });
    expect(writes()).toBe(1);
  });

  test("records nothing where a guard of it does not hold, which is the first row's failure", async () => {
    const { store, kept, keep } = keeper(() => undefined);
    const batch = new Batch(store, [1, 2]);
    batch.guard(() => [{ kind: "login-exists", login: "gone" as LoginId }]);
    for (const n of batch) batch.add(keep(n), n);
    const thrown = await failureOf(batch.flush());
    expect(batch.failureOf(thrown)).toEqual({ row: 1, error: expect.any(GuardFailed) });
    expect(kept).toEqual([]);
  });

  test("knows whose turn it was when something was thrown, and after that the first that is not done", async () => {
    const { store, keep } = keeper(() => undefined);
    const batch = new Batch(
      store,
      ["a", "b", "c"].map((name, n) => ({ name, n })),
    );
    const error = new Error("no");
    for (const row of batch) if (row.name === "b") break;
    expect(batch.failureOf(error)).toMatchObject({ row: { name: "b" }, error });
    for (const row of batch) if (row.name !== "c") batch.add(keep(row.n), row);
    await batch.flush();
    expect(batch.failureOf(error)).toMatchObject({ row: { name: "c" } });
  });

  test("hears of a commit it did not wait for, which is nobody's unhandled failure meanwhile", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { store, kept, keep } = keeper((n) => (n === 1 ? new TypeError("no") : undefined));
    const batch = new Batch(store, [1, 2]);
    const then: number[] = [];
    for (const n of batch) batch.commit(n, keep(n), () => then.push(n));
    await new Promise((done) => setImmediate(() => setImmediate(done)));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(batch.failureOf(await failureOf(batch.settle()))).toEqual({
      row: 1,
      error: expect.any(TypeError),
    });
    expect([kept, then]).toEqual([[2], [2]]);
  });
});
