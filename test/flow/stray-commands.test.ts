import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";

let flow: OpenFlow;

beforeEach(async () => {
  flow = await OpenFlow.begin();
});
afterEach(() => flow[Symbol.asyncDispose]());

/** What the contact's phone shows. */
const received = (): readonly string[] => Array.from(flow.client.received.values());
const says = (text: string) => flow.world.says(ANA, flow.room, text);

describe("a command of another bridge that is written in a chat", () => {
  test.each([
    "!wa logout",
    "!WA help",
    "!signal",
    "!tpc status",
    "!whatsapp delete-portal",
    "!wa enable whatsapp",
  ])("is not sent to the contact without a word (%s)", async (text) => {
    await says(text);
    expect(received()).toEqual([]);
    expect(flow.last).toContain("looks like a command for a bot, so it was not sent.");
    expect(flow.last).toContain("send it once more within ten minutes, and it goes as it is.");
  });

  test("goes as it is when it is sent once more, and is asked about anew the next time", async () => {
    await says("!wa list");
    await flow.world.restart();
    await says("!wa list");
    expect(Array.from(flow.world.network.clientOf(ANA).received.values())).toEqual(["!wa list"]);
    await says("!wa list");
    expect(Array.from(flow.world.network.clientOf(ANA).received.values())).toEqual(["!wa list"]);
  });

  test("is not sent by another command, or after the time for it", async () => {
    await says("!wa list");
    await says("!wa ping");
    await flow.world.clock.advance(660_000);
    await says("!wa ping");
    expect(received()).toEqual([]);
  });
});

test("a message that only begins like one goes at once, with a word the first time", async () => {
  await says("!wa what a day");
  expect(received()).toEqual(["!wa what a day"]);
  expect(flow.last).toContain("This was sent as it is.");
  const before = flow.world.homeserver.shown(flow.room).length;
  await says("!wa and another");
  await says("!important: buy milk");
  await says("say !wa help");
  expect(received().slice(1)).toEqual(["!wa and another", "!important: buy milk", "say !wa help"]);
  expect(flow.world.homeserver.shown(flow.room)).toHaveLength(before);
});
