import { describe, expect, test } from "@jest/globals";
import { GroupFlow, PEOPLE } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
};

describe("a crash while a group's room is made", () => {
  test.each(Array.from({ length: 24 }, (_, index) => index * 3))(
    "after %d turns leaves one room, with each message once and everybody in it",
    async (count) => {
      await using flow = await GroupFlow.begin();
      const both = [flow.group.says("Bram", "1", "hello"), flow.group.says("Carla", "2", "hi")];
      for (const said of both) said.catch(() => undefined);
      await turns(count);
      await flow.world.crash();
      await settle();
      await flow.world.clock.advance(60_000);
      expect(flow.shown).toEqual(["Bram: hello", "Carla: hi"]);
      expect(flow.present).toEqual(Object.keys(PEOPLE));
      expect(["Bram", "Carla", "Dirk"].map((who) => flow.powerOf(who))).toEqual([75, 50, 0]);
    },
  );

  test("and a restart in the middle of letting many people in lets in the rest", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `P${index}`);
    await using flow = await GroupFlow.begin(Object.fromEntries(names.map((name) => [name, "member"])));
    await flow.group.says("P0", "1", "hello");
    let joins = 0;
    const join = flow.homeserver.join.bind(flow.homeserver);
    flow.homeserver.join = async (user, room) => {
      if (++joins > 30) await new Promise(() => undefined);
      return join(user, room);
    };
    await settle();
    expect(flow.shown).toEqual(["P0: hello"]);
    flow.homeserver.join = join;
    await flow.world.crash();
    await flow.world.clock.advance(60_000);
    expect(flow.present).toHaveLength(60);
  });
});
