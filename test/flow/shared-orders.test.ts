import { describe, test } from "@jest/globals";
import fc from "fast-check";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { MessageId, UserId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { runs } from "../kit/random-runs.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;
const target = (name: string) => ({ target: name as MessageId });

/** What happens in the group, in its order; Ana writes on her phone too. */
const STORY: readonly (readonly [who: string, id: string, Parameters<GroupFlow["group"]["event"]>[2]])[] = [
  ["Bram", "m1", { kind: "message", message: said("one") }],
  ["Carla", "m2", { kind: "message", message: said("two") }],
  ["Bram", "e1", { kind: "edit", ...target("m1"), message: said("one, better") }],
  ["self @ana:test", "p1", { kind: "message", message: said("from a phone") }],
  ["Dirk", "r1", { kind: "reaction", ...target("m2"), own: false, emoji: "👍" }],
  ["Dirk", "r2", { kind: "reaction", ...target("p1"), own: false, emoji: "🎉" }],
  ["Carla", "n1", { kind: "group-name", name: "Dinner" }],
  ["Carla", "d1", { kind: "delete", ...target("m2") }],
  [
    "self @ben:test",
    "p2",
    { kind: "message", message: { ...said("an answer"), replyTo: { id: "m1" as MessageId, own: false } } },
  ],
  ["Bram", "m3", { kind: "message", message: said("three") }],
];

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<UserId>(ANA, BEN) },
  { weight: 1, arbitrary: fc.nat(30).map((turns) => ({ crashAfter: turns })) },
);

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
};

describe("of what comes to two of our people in a group", () => {
  test("everything is shown once, in its order, in whatever order their copies come, and across crashes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        await using flow = await GroupFlow.begin();
        await flow.world.optsIn(BEN);
        flow.group.ours.add(BEN);
        const next = new Map<UserId, number>([ANA, BEN].map((user) => [user, 0]));
        const last = new Map<UserId, Promise<unknown>>();
        let endCut = (): void => undefined;
        let cut = new Promise<void>((resolve) => void (endCut = resolve));
        const bring = (user: UserId): void => {
          const [who, id, what] = STORY[next.get(user) ?? 0] ?? [];
          if (who === undefined || id === undefined || what === undefined) return;
          next.set(user, (next.get(user) ?? 0) + 1);
          const event = flow.group.event(who, id, what);
          const own = who === `self ${user}`;
          const theirs = (own ? { ...event, sender: undefined } : event) as RemoteEvent;
          // A connection hands over one after the other.
          const handed = (last.get(user) ?? Promise.resolve()).then(() =>
            flow.world.network.clientOf(user).brings(theirs),
          );
          last.set(user, Promise.race([handed.catch(() => undefined), cut]));
        };
        for (const one of steps) {
          if (typeof one === "string") bring(one);
          else {
            await turns(one.crashAfter);
            endCut();
            cut = new Promise((resolve) => void (endCut = resolve));
            await flow.world.crash();
          }
        }
        for (let rest = 0; rest < STORY.length; rest++) for (const user of [BEN, ANA]) bring(user);
        await settle();
        await flow.world.clock.advance(120_000);
        expectStory(flow);
      }),
      { numRuns: runs(20) },
    );
  }, 120_000);
});

function expectStory(flow: GroupFlow): void {
  const { events } = flow.room;
  const words = events.flatMap(({ send }) =>
    send.type === "m.room.message" ? [String(send.content["body"])] : [],
  );
  const expected = [
    "one",
    "two",
    "* one, better",
    "from a phone",
    "Carla named the group “Dinner”.",
    "an answer",
    "three",
  ];
  const reactions = events.filter(({ send }) => send.type === "m.reaction").length;
  const taken = events.filter(({ send }) => send.type === "m.room.redaction").length;
  const found = JSON.stringify({ words, reactions, taken });
  const wanted = JSON.stringify({ words: expected, reactions: 2, taken: 2 });
  if (found !== wanted) throw new Error(`${found}\n${wanted}\n${flow.world.errors.join()}`);
}
