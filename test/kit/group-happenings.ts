import fc from "fast-check";

/** What can happen in a group of two of ours. `who` and `target` are numbers that are taken modulo what there is. */
export type GroupHappening =
  | { readonly does: "says"; readonly who: number; readonly count: number }
  | { readonly does: "edits" | "deletes" | "reacts"; readonly who: number; readonly target: number }
  /** A member writes to Ana alone, beside the group. */
  | { readonly does: "says-aside"; readonly who: number }
  /** One of ours writes in the room, or on their phone. */
  | { readonly does: "writes" | "phones"; readonly by: Ours; readonly count: number }
  | { readonly does: "adds" | "removes" | "promotes" | "demotes" | "renames"; readonly who: number }
  | { readonly does: "leaves" | "returns"; readonly by: Ours }
  /** What the network tells one of ours waits, until it is let go. */
  | { readonly does: "holds" | "lets-go"; readonly by: Ours }
  /** The network tells something again. */
  | { readonly does: "repeats"; readonly by: Ours; readonly nth: number }
  | { readonly does: "gap-opened" | "gap-closed" | "disk-full" | "disk-free" | "restart" }
  | { readonly does: "homeserver-away" | "homeserver-back" | "answer-lost" }
  | { readonly does: "network-away" | "network-back" | "network-answer-lost"; readonly by: Ours }
  /** The crash comes after so many turns of the event loop, and so at any point of the work. */
  | { readonly does: "crash" | "turns"; readonly turns: number }
  | { readonly does: "pass"; readonly seconds: number };
type Ours = 0 | 1;

/** What somebody did in the group, by the network's id of it. */
export interface DoneInGroup {
  readonly id: string;
  readonly kind: "message" | "edit" | "delete" | "reaction" | "phone";
  /** A member, or one of ours. */
  readonly by: string;
  readonly target: string;
  /** Counts how often one of ours came or went before: between two of these everybody is told all, in order. */
  readonly epoch: number;
}

const who = fc.nat({ max: 300 });
const target = fc.nat({ max: 15 });
const by = fc.constantFrom<Ours>(0, 1);
const count = fc.integer({ min: 1, max: 4 });
const does = <Name extends GroupHappening["does"]>(...names: Name[]) => fc.constantFrom(...names);

/** The most of what happens is traffic; membership changes under it, and everything breaks. */
export const groupHappening: fc.Arbitrary<GroupHappening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: does("says"), who, count }) },
  { weight: 6, arbitrary: fc.record({ does: does("writes"), by, count }) },
  { weight: 3, arbitrary: fc.record({ does: does("phones"), by, count }) },
  { weight: 3, arbitrary: fc.record({ does: does("edits", "deletes", "reacts"), who, target }) },
  { weight: 1, arbitrary: fc.record({ does: does("says-aside"), who }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: does("adds", "removes", "promotes", "demotes", "renames"), who }),
  },
  { weight: 3, arbitrary: fc.record({ does: does("leaves", "returns"), by }) },
  { weight: 3, arbitrary: fc.record({ does: does("holds", "lets-go"), by }) },
  { weight: 2, arbitrary: fc.record({ does: does("repeats"), by, nth: target }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: does("gap-opened", "gap-closed", "disk-full", "disk-free", "restart") }),
  },
  { weight: 3, arbitrary: fc.record({ does: does("homeserver-away", "homeserver-back", "answer-lost") }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: does("network-away", "network-back", "network-answer-lost"), by }),
  },
  { weight: 4, arbitrary: fc.record({ does: does("crash", "turns"), turns: fc.nat({ max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ does: does("pass"), seconds: fc.integer({ min: 1, max: 300 }) }) },
);
