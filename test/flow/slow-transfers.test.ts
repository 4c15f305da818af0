import { expect, test } from "@jest/globals";
import { BridgeError, stopping } from "../../src/core/model/errors.ts";
import { ANA } from "../kit/flow-world.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";

const tooSlow = new BridgeError("too-slow", {
  words: "The file came so slowly that it was given up.",
  certain: false,
  retryAfter: 0,
});

test("a message whose file is too slow three times is given up with words, and its chat goes on", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client, room } = flow;
  for (let turn = 0; turn < 3; turn += 1) client.faults.push({ when: "before", error: tooSlow });
  await world.push(world.text(ANA, room, "the first"));
  await world.push(world.text(ANA, room, "the second"));
  await world.clock.advance(10_000);
  expect(client.faults).toEqual([]);
  expect(client.taken).toHaveLength(1);
  expect(flow.shown.join("\n")).toMatch(/Not delivered.*came so slowly/);
});

test.each([
  ["too slow three times is given up with a notice", tooSlow, 3],
  ["cut off by three stops is nobody's try, and arrives", stopping(), undefined],
])("a contact's file %s, and the chat goes on", async (_name, error, tries) => {
  await using flow = await OpenFlow.begin();
  const { world, client, room } = flow;
  world.network.files.set("f", Buffer.from("png"));
  const open = client.openMedia.bind(client);
  let asked = 0;
  client.openMedia = async (ref) => {
    asked += 1;
    if (asked <= 3) throw error;
    return open(ref);
  };
  const source = { at: "network", ref: "f" } as const;
  const media = { kind: "image", mimetype: "image/png", name: "a.png", source } as const;
  await client.brings({ ...fromBram("2"), kind: "message", message: { parts: [{ kind: "media", media }] } });
  await client.says("Bram", "3", "what follows it");
  await world.clock.advance(60_000);
  const { events } = world.homeserver.room(room);
  const pictures = events.filter(({ send }) => send.content["msgtype"] === "m.image");
  expect(pictures).toHaveLength(tries === undefined ? 1 : 0);
  expect(asked).toBe(tries ?? 4);
  expect(flow.shown.join("\n")).toContain("what follows it");
  expect(await world.store.deadLetters.newest(9)).toHaveLength(tries === undefined ? 0 : 1);
});
