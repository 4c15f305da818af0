import { describe, expect, test } from "@jest/globals";
import { BridgingFlow } from "../kit/bridging-flow.ts";
import { ANA } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

/** Writes a command, and kills the bridge before its `count`th request to the homeserver after that; answers whether it came. */
async function killedBefore(flow: BridgingFlow, count: number, room: BridgingFlow["room"], text: string) {
  let calls = 0;
  flow.homeserver.before = () => (++calls > count ? new Promise(() => undefined) : Promise.resolve());
  await flow.world.says(ANA, room, text);
  flow.homeserver.before = () => Promise.resolve();
  await flow.world.crash();
  await settle();
  await flow.world.clock.advance(60_000);
  return calls > count;
}

const range = (length: number, step: number): readonly number[] =>
  Array.from({ length }, (_, index) => index * step);

describe("a crash", () => {
  test.each(range(11, 2))(
    "%d requests into bridging a room leaves it the group's, and nothing twice",
    async (count) => {
      await using flow = await BridgingFlow.begin();
      const isKilled = await killedBefore(flow, count, flow.room, "bridge whatsapp Family yes");
      expect(isKilled).toBe(true);
      expect(flow.present()).toEqual(["Bram", "Carla", "Dirk"]);
      expect(flow.shown.filter((line) => line.startsWith("bot: This room is the chat with"))).toHaveLength(1);
      expect(Array.from(flow.world.network.clientOf(ANA).received.values())).toEqual([]);
      await flow.group.says("Carla", "2", "here now");
      await settle();
      expect(flow.shown.filter((line) => line === "Carla: here now")).toHaveLength(1);
    },
  );

  test.each(range(5, 2))(
    "%d requests into ending two chats' rooms leaves both ended, once",
    async (count) => {
      await using flow = await BridgingFlow.begin();
      await flow.writes("bridge whatsapp Family yes");
      await flow.world.clock.advance(60_000);
      const { room: direct } = await flow.world.portal(ANA, "Bram");
      flow.homeserver.lets(ANA, direct);
      for (const text of ["unbridge whatsapp Family yes", "delete-portal whatsapp Bram yes"])
        expect(await killedBefore(flow, count, flow.management, text)).toBe(true);
      expect(flow.present()).toEqual([]);
      expect(flow.homeserver.room(flow.room).members.get(ANA)).toBe("join");
      expect(flow.homeserver.room(flow.room).members.get(flow.homeserver.bot)).toBe("leave");
      const left = flow.homeserver.room(direct).members;
      expect(Array.from(left.values()).filter((is) => is === "join" || is === "invite")).toEqual([]);
      const ended = [...flow.shown, ...flow.homeserver.shown(direct)].filter((line) =>
        /bot: This (is an ordinary room|room of the chat with Bram was closed)/.test(line),
      );
      expect(ended).toHaveLength(2);
      await flow.world.network.clientOf(ANA).says("Bram", "d2", "and me?");
      await flow.group.says("Dirk", "3", "still there?");
      await flow.world.clock.advance(60_000);
      expect(flow.homeserver.shown((await flow.world.portal(ANA, "Bram")).room)).toEqual(["Bram: and me?"]);
      expect(flow.homeserver.shown((await flow.world.portal(ANA, flow.group.chat)).room)).toEqual([
        "Dirk: still there?",
      ]);
    },
  );
});
