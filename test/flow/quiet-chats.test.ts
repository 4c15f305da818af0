import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const HOUR = 3_600_000;

async function begin(): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  flow.world.puppets.there = true;
  return flow;
}
const isQuiet = ({ world, room }: OpenFlow): boolean => world.puppets.quiet.has(`${ANA} ${room}`);

test("a chat is quiet for as long as was said, and not a moment longer, whenever the bridge is restarted", async () => {
  await using flow = await begin();
  expect(await flow.asks("quiet whatsapp Bram 1w")).toBe(
    "bot: The chat with Bram notifies you of nothing for 1 week, then again by itself. Write “quiet whatsapp Bram off” to end that sooner.",
  );
  expect(isQuiet(flow)).toBe(true);
  await flow.world.clock.leap(3 * 24 * HOUR);
  await flow.world.restart();
  expect(await flow.asks("quiet whatsapp Bram")).toMatch(
    /^bot: The chat with Bram is quiet until 2026-11-28 00:00 UTC\./,
  );
  await flow.world.clock.leap(4 * 24 * HOUR - 2_000);
  expect(isQuiet(flow)).toBe(true);
  await flow.world.clock.advance(3_000);
  expect(isQuiet(flow)).toBe(false);
  expect(await flow.asks("quiet whatsapp Bram")).toMatch(/^bot: The chat with Bram is not quiet\./);
});

test("the end comes while the bridge is down, and after the homeserver was", async () => {
  await using flow = await begin();
  await flow.asks("quiet whatsapp Bram 8h");
  await flow.world.stops();
  await flow.world.clock.advance(9 * HOUR);
  const words = "away";
  flow.world.puppets.faults.push({
    when: "before",
    error: new BridgeError("homeserver-unreachable", { words, certain: true, retryAfter: 0 }),
  });
  await flow.world.starts();
  await flow.world.clock.advance(1_000);
  expect(isQuiet(flow)).toBe(true);
  await flow.world.clock.advance(61_000);
  expect(isQuiet(flow)).toBe(false);
});

test("what the homeserver did not confirm ends like the rest, without a restart", async () => {
  await using flow = await begin();
  const words = "away";
  flow.world.puppets.faults.push({
    when: "before",
    error: new BridgeError("homeserver-unreachable", { words, certain: false }),
  });
  await flow.asks("quiet whatsapp Bram 1h");
  await flow.world.clock.advance(2 * HOUR);
  expect(await flow.asks("quiet whatsapp Bram")).toMatch(/is not quiet/);
});

test("a network that is turned off leaves no chat quiet, also where the homeserver was away just then", async () => {
  for (const isAway of [false, true]) {
    await using flow = await begin();
    await flow.asks("quiet whatsapp Bram 1w");
    if (isAway) {
      const error = new BridgeError("homeserver-unreachable", {
        words: "away",
        certain: true,
        retryAfter: 0,
      });
      flow.world.puppets.faults.push({ when: "before", error });
    }
    await flow.asks("disable whatsapp yes");
    await flow.world.clock.advance(61_000);
    expect([isAway, isQuiet(flow)]).toEqual([isAway, false]);
  }
});

test("it can be made longer, and ended", async () => {
  await using flow = await begin();
  await flow.asks("quiet whatsapp Bram 1h");
  await flow.asks("quiet whatsapp Bram 2h");
  await flow.world.clock.advance(1.5 * HOUR);
  expect(isQuiet(flow)).toBe(true);
  expect(await flow.asks("quiet whatsapp Bram off")).toMatch(/notifies you again/);
  expect(isQuiet(flow)).toBe(false);
});

test("without double puppets, and for too long, it is said", async () => {
  await using flow = await begin();
  expect(await flow.asks("quiet whatsapp Bram 60w")).toMatch(/can be quiet for 1 hour to 52 weeks/);
  flow.world.puppets.there = false;
  expect(await flow.asks("quiet whatsapp Bram 8h")).toMatch(
    /^bot: The bridge cannot act for you on this homeserver/,
  );
  expect(await flow.asks("quiet whatsapp Bram")).toMatch(/is not quiet/);
});

test("calls are told of or not: for all networks, or for one", async () => {
  await using flow = await begin();
  const calls = async (id: string): Promise<number> => {
    const before = flow.notices.length;
    await flow.bram(id, { kind: "call", video: false });
    await settle();
    return flow.notices.length - before;
  };
  expect(await calls("c1")).toBe(1);
  expect(await flow.asks("calls off")).toBe("bot: You are not told any more when somebody calls you.");
  expect(await calls("c2")).toBe(0);
  expect(await flow.asks("calls on whatsapp")).toBe(
    "bot: You are told in the chat when somebody calls you on WhatsApp.",
  );
  expect(await calls("c3")).toBe(1);
  expect(await flow.asks("calls")).toMatch(
    /^bot: You are not told when somebody calls you, but for @ana:test\./,
  );
  await flow.asks("calls off");
  expect(await calls("c4")).toBe(0);
  // Nor is a room made for one.
  await flow.client.brings({
    chat: "Zoe",
    sender: "Zoe",
    id: "z1",
    at: 0,
    kind: "call",
    video: true,
  } as never);
  await settle();
  await expect(flow.world.portal(ANA, "Zoe")).rejects.toThrow("no portal");
  await flow.asks("calls on");
  expect(await calls("c5")).toBe(1);
});

test("stories are told of, once a chat, or not: for all networks, or for one", async () => {
  await using flow = await OpenFlow.begin();
  const told = async (id: string): Promise<number> => {
    const before = flow.notices.length;
    await flow.bram(id, { kind: "excluded", what: "status" });
    return flow.notices.length - before;
  };
  expect(await flow.asks("stories off")).toBe(
    "bot: You are not told any more when somebody posts a story or status update.",
  );
  expect(await told("s1")).toBe(0);
  // What else is not shared is told all the same, and calls are a choice of their own.
  const before = flow.notices.length;
  await flow.bram("v1", { kind: "excluded", what: "view-once" });
  await flow.bram("c1", { kind: "call", video: false });
  expect(flow.notices).toHaveLength(before + 2);
  await flow.asks("stories on whatsapp");
  expect(await told("s2")).toBe(1);
  expect(await told("s3")).toBe(0);
  expect(await flow.asks("stories")).toMatch(
    /^bot: You are not told when somebody posts a story or status update, but for @ana:test\./,
  );
});
