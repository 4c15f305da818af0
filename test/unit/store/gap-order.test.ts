import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Store } from "../../../src/core/store.ts";
import { openStore } from "../../../src/store/open.ts";
import { event, fromMatrix, ROOM } from "../../contract/store-fixtures.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
const fresh = (): Store => openStore({ path: ":memory:", log });
const due = async (store: Store): Promise<string[]> =>
  (await store.hsInbox.next(ROOM, 1000)).map(({ event }) => event.id.slice(1));

type Step =
  | { readonly kind: "take"; readonly name: string; readonly via: "push" | "sync"; readonly held: boolean }
  | { readonly kind: "done"; readonly name: string }
  | { readonly kind: "release" };

/** The rules, as lists. */
class Model {
  due: string[] = [];
  #held: string[] = [];
  readonly #known = new Set<string>();

  play(step: Step): void {
    if (step.kind === "release") {
      this.due.push(...this.#held);
      this.#held = [];
    } else if (step.kind === "done") {
      this.due = this.due.filter((name) => name !== step.name);
      this.#held = this.#held.filter((name) => name !== step.name);
    } else this.#take(step);
  }

  #take({ name, via, held }: Step & { kind: "take" }): void {
    if (!this.#known.has(name)) (held && via === "push" ? this.#held : this.due).push(name);
    else if (via === "sync" && this.#held.includes(name)) {
      this.#held = this.#held.filter((it) => it !== name);
      this.due.push(name);
    }
    this.#known.add(name);
  }
}

function play(store: Store, step: Step): Promise<void> {
  return store.write(({ hsInbox }) => {
    if (step.kind === "take") hsInbox.take(fromMatrix(step.name), step.via, step.held);
    else if (step.kind === "done") hsInbox.done(event(step.name));
    else hsInbox.release();
  });
}

const name = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      name,
      via: fc.constantFrom("push" as const, "sync" as const),
      held: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("done" as const), name }) },
  { weight: 1, arbitrary: fc.constant({ kind: "release" as const }) },
);

test("the inbox's order is the model's after every step", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using store = fresh();
      const model = new Model();
      for (const step of steps) {
        model.play(step);
        await play(store, step);
        expect(await due(store)).toEqual(model.due);
      }
    }),
    { numRuns: 150 },
  );
});

/** What was said in a room while pushes came late, twice, out of order or not at all. */
const gap = fc.integer({ min: 0, max: 12 }).chain((length) => {
  const truth = Array.from({ length }, (_, n) => `e${n}`);
  const pushes = fc.array(fc.constantFrom(...truth, "pushed-only"), { maxLength: 20 });
  return fc.record({ truth: fc.constant(truth), pushes, split: fc.array(fc.nat(12), { maxLength: 4 }) });
});

test("whatever push did in a gap, the room's own order comes out, and nothing is missing or twice", async () => {
  await fc.assert(
    fc.asyncProperty(gap, async ({ truth, pushes, split }) => {
      await using store = fresh();
      await play(store, { kind: "take", name: "before", via: "push", held: false });
      const stream = [...truth];
      let pushed = 0;
      for (const size of [...split, truth.length]) {
        for (const name of pushes.slice(pushed, pushed + size))
          await play(store, { kind: "take", name, via: "push", held: true });
        pushed += size;
        await store.write(({ hsInbox }) => {
          for (const name of stream.splice(0, size)) hsInbox.take(fromMatrix(name), "sync", true);
        });
      }
      await play(store, { kind: "release" });
      const strays = pushes.slice(0, pushed).includes("pushed-only") ? ["pushed-only"] : [];
      expect(await due(store)).toEqual(["before", ...truth, ...strays]);
    }),
    { numRuns: 100 },
  );
});
