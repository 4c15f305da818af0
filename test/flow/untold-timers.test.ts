import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { FlowWithPhone } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

test("a timer that was set before there is a room is told in it, once, before the first message", async () => {
  await using it = await FlowWithPhone.begin("push");
  const { flow, phone } = it;
  await phone.does({ kind: "timer", seconds: 60 }, "t1", "Cees");
  await phone.does({ kind: "timer", seconds: 0 }, "t2", "Dora");
  for (const name of ["Cees", "Dora"]) {
    await flow.client.says(name, `${name}-1`, "hello");
    await flow.client.says(name, `${name}-2`, "again");
    await settle();
  }
  // Behind the question whether they may write.
  const shown = async (name: string) =>
    flow.world.homeserver.shown((await flow.world.portal(ANA, name)).room).slice(1);
  expect(await shown("Cees")).toEqual([
    "bot: Messages in this chat disappear 1 minute after they are read.",
    "Cees: hello",
    "Cees: again",
  ]);
  expect(await shown("Dora")).toEqual(["Dora: hello", "Dora: again"]);
});

describe("a person who sets when a chat's messages disappear", () => {
  test("says for how long, of a contact or a group, and the chat's room shows it", async () => {
    await using flow = await GroupFlow.open();
    flow.client.granted = { ...ALL, longestTimer: 28 * 86_400 };
    const asks = async (command: string) => {
      await flow.world.says(ANA, flow.management, command);
      await settle();
      return flow.homeserver.shown(flow.management).at(-1);
    };
    const known = "as soon as WhatsApp knows. The chat's room says so then.";
    expect(await asks("timer whatsapp Family 1 week")).toBe(
      `bot: New messages with the group “Family” disappear 1 week after they are read, ${known}`,
    );
    expect(flow.shown.at(-1)).toBe("bot: You set messages to disappear 1 week after they are read.");
    await flow.client.says("Dirk", "d", "just us");
    await settle();
    expect(await asks("timer whatsapp Dirk 30s")).toBe(
      `bot: New messages with Dirk disappear 30 seconds after they are read, ${known}`,
    );
    expect(await asks("timer whatsapp Dirk off")).toBe(
      `bot: New messages with Dirk do not disappear any more, ${known}`,
    );
    const { room } = await flow.world.portal(ANA, "Dirk");
    expect(flow.homeserver.shown(room).slice(-2)).toEqual([
      "bot: You set messages to disappear 30 seconds after they are read.",
      "bot: You turned disappearing messages off.",
    ]);
    expect(flow.client.taken).toEqual(
      [604_800, 30, 0].map((seconds) => ({ kind: "group-change", change: { kind: "timer", seconds } })),
    );
  });

  test("is told what to write, how long there may be, and where it cannot be set or was not", async () => {
    await using flow = await GroupFlow.open();
    const asks = async (command: string) => {
      await flow.world.says(ANA, flow.management, command);
      await settle();
      return flow.homeserver.shown(flow.management).at(-1);
    };
    expect(await asks("timer whatsapp Family 1 week")).toBe(
      "bot: WhatsApp does not let this bridge set the timer of disappearing messages.",
    );
    flow.client.granted = { ...ALL, longestTimer: 28 * 86_400 };
    expect(await asks("timer whatsapp Family")).toBe(
      "bot: After how long do messages with the group “Family” disappear, once they are read? Write “timer whatsapp Family 1 week” for instance, in seconds, minutes, hours, days or weeks, or “timer whatsapp Family off”.",
    );
    expect(await asks("timer whatsapp Family 5 weeks")).toBe(
      "bot: WhatsApp keeps such messages for 4 weeks at most.",
    );
    const error = new BridgeError("forbidden", { words: "Only admins may do that.", certain: true });
    flow.client.faults.push({ when: "before", error });
    await asks("timer whatsapp Family 1h");
    expect(flow.homeserver.shown(flow.management).slice(-2).join()).toContain(
      "The timer of disappearing messages stays as it was. Only admins may do that.",
    );
    expect(flow.client.taken).toEqual([]);
  });
});
