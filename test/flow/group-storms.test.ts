import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { eventually } from "../kit/eventually.ts";
import { GroupFlow } from "../kit/group-flow.ts";

const PER_SECOND = Math.ceil(10_000 / 60);
/** How long it lasts; `STORM_SECONDS=60` makes it a whole minute. */
const SECONDS = Number(process.env["STORM_SECONDS"] ?? 9);
/** Members who come and go, over and over. */
const RESTLESS = 40;

const restless = (at: number): string => `Member ${at % RESTLESS}`;

/** One change of the group; each kind comes in its turn. */
async function change({ group }: GroupFlow, at: number): Promise<void> {
  const id = `change ${at}`;
  switch (at % 5) {
    case 0:
      return group.does("Bram", id, { kind: "group-name", name: `Name ${at}` });
    case 1:
      return group.does("Carla", id, { kind: "group-topic", topic: `Topic ${at}` });
    case 2: {
      const who = restless(at) as PersonId;
      const membership = group.people.has(who) ? "left" : "joined";
      // Every other one comes and goes by themself.
      return group.moves(at % 2 === 0 ? who : "Bram", id, [{ person: who, name: who, membership }]);
    }
    case 3: {
      const role = (at / 5) % 2 < 1 ? "admin" : "member";
      group.people.set("Dirk" as PersonId, role);
      return group.does("Bram", id, {
        kind: "group-roles",
        changes: [{ person: "Dirk" as PersonId, role }],
      });
    }
    default:
      return group.does("Bram", id, {
        kind: "group-permissions",
        writes: (at / 5) % 2 < 1 ? "admin" : "member",
        changes: "member",
      });
  }
}

/** What the room shows of the group is what it is. */
function expectAsIs(flow: GroupFlow, last: number): void {
  const { group } = flow;
  const lastOf = (kind: number): number => last - ((last - kind + 5) % 5);
  expect(flow.state("m.room.name")).toEqual({ name: `Name ${lastOf(0)} (WhatsApp)` });
  expect(flow.state("m.room.topic")).toEqual({ topic: `Topic ${lastOf(1)}` });
  expect(flow.present).toEqual([...group.people.keys()].sort());
  expect(flow.powerOf("Dirk")).toBe(group.people.get("Dirk" as PersonId) === "admin" ? 50 : 0);
}

describe("changes of a group at a rate of 10,000 a minute", () => {
  test("make few requests and few words, hold no message up, and end as the group is, also when the bridge is killed amid them", async () => {
    await using flow = await GroupFlow.open();
    const { clock } = flow.world;
    const said = () => flow.shown.filter((line) => !line.startsWith("bot: "));
    const store = () => flow.world.store;
    const messages: string[] = [];
    let requests = 0;
    flow.homeserver.before = async () => void requests++;
    let at = 0;
    for (let second = 0; second < SECONDS; second++) {
      const these = Array.from({ length: PER_SECOND }, () => change(flow, at++));
      await Promise.all(these);
      if (second % 5 === 3) {
        const id = `message ${second}`;
        messages.push(id);
        await flow.group.says(second === 3 ? "Bram" : "Carla", id, id);
        // The clock stands still meanwhile, so nothing is waited for.
        await eventually(id, () => said().at(-1)?.endsWith(id) === true);
      }
      if (second === Math.floor(SECONDS / 2)) await flow.world.crash();
      await clock.advance(1_000);
    }
    await eventually("all to be handled", async () => (await store().networkInbox.lanes()).length === 0);
    await clock.advance(20_000);
    expectAsIs(flow, at - 1);
    expect(said().map((line) => line.replace(/^.*: /, ""))).toEqual(["hello", ...messages]);
    const told = flow.shown.filter((line) => line.startsWith("bot: "));
    expect(told.length).toBeLessThan(60);
    expect(requests).toBeLessThan(600);
    expect(await store().portals.unshown()).toEqual([]);
    // Those that changed nothing are not counted.
    const summed = told.map((line) => Number(/^bot: (\d+) more changes/.exec(line)?.[1] ?? 0));
    expect(summed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(at * 0.8);
  });
});
