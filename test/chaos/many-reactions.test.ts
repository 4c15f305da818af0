import { expect, test } from "@jest/globals";
import type { MessageId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const count = 10_000;

test("ten thousand reactions of one contact to one message end in the last one, and the chat goes on", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client } = flow;
  const target = "1" as MessageId;
  const reactions = Array.from({ length: count }, (_, index) => ({
    ...fromBram(`r${index}`),
    kind: "reaction" as const,
    target,
    own: false,
    emoji: index % 2 === 0 ? "👍" : "❤️",
  }));
  for (let at = 0; at < count; at += 100) await client.brings(...reactions.slice(at, at + 100));
  await client.says("Bram", "2", "still here");
  const { room } = await world.portal(ANA, "Bram");
  for (let tries = 0; tries < 600; tries += 1) {
    await settle();
    if (world.homeserver.shown(room).includes("Bram: still here")) break;
  }
  const { events } = world.homeserver.room(room);
  const sent = (type: string): number => events.filter(({ send }) => send.type === type).length;
  expect(world.homeserver.shown(room).at(-1)).toBe("Bram: still here");
  expect(sent("m.reaction") - sent("m.room.redaction")).toBe(1);
}, 120_000);
