import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RoomId } from "../../../src/core/model/ids.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { openStore } from "../../../src/store/open.ts";
import { event, fromMatrix } from "../../contract/store-fixtures.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };
const store: Store = openStore({ path: ":memory:", log });
afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** A room of a run's own, with the short names that events have in it. */
class Room {
  static #rooms = 0;
  readonly #room = `!room${(Room.#rooms += 1)}` as RoomId;

  async due(): Promise<string[]> {
    const rows = await store.matrixInbox.next(this.#room, 1000);
    return rows.map(({ event }) => event.id.slice(this.#room.length + 1));
  }

  play(steps: readonly Step[]): Promise<void> {
    return store.write(({ matrixInbox }) => {
      for (const step of steps) {
        if (step.kind === "release") matrixInbox.release();
        else if (step.kind === "done") matrixInbox.finish(event(this.#room + step.name));
        else matrixInbox.take(fromMatrix(this.#room + step.name, this.#room), step.via, step.held);
      }
    });
  }
}

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
      const room = new Room();
      const model = new Model();
      for (const step of steps) {
        model.play(step);
        await room.play([step]);
        expect(await room.due()).toEqual(model.due);
      }
    }),
    { numRuns: 300 },
  );
});

const take = (name: string, via: "push" | "sync", held: boolean): Step => ({ kind: "take", name, via, held });

/** What was said in a room while pushes came late, twice, out of order or not at all. */
const gap = fc.integer({ min: 0, max: 12 }).chain((length) => {
  const truth = Array.from({ length }, (_, n) => `e${n}`);
  const pushes = fc.array(fc.constantFrom(...truth, "pushed-only"), { maxLength: 20 });
  return fc.record({ truth: fc.constant(truth), pushes, split: fc.array(fc.nat(12), { maxLength: 4 }) });
});

test("whatever push did in a gap, the room's own order comes out, and nothing is missing or twice", async () => {
  await fc.assert(
    fc.asyncProperty(gap, async ({ truth, pushes, split }) => {
      const room = new Room();
      await room.play([take("before", "push", false)]);
      const stream = [...truth];
      const push = [...pushes];
      const pushed: string[] = [];
      for (const size of [...split, truth.length]) {
        const late = push.splice(0, size);
        pushed.push(...late);
        await room.play(late.map((name) => take(name, "push", true)));
        await room.play(stream.splice(0, size).map((name) => take(name, "sync", true)));
      }
      await room.play([{ kind: "release" }]);
      const strays = pushed.includes("pushed-only") ? ["pushed-only"] : [];
      expect(await room.due()).toEqual(["before", ...truth, ...strays]);
    }),
    { numRuns: 300 },
  );
});
