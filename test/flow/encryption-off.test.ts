import { describe, expect, test } from "@jest/globals";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** Encryption was on, these rooms were encrypted, and the bridge starts with it off. */
async function offAgain(flow: OpenFlow, rooms: "chat" | "both"): Promise<void> {
  const { secrecy } = flow.world.homeserver;
  for (const room of rooms === "both" ? [flow.room, flow.management] : [flow.room]) secrecy.rooms.add(room);
  secrecy.isOn = false;
  await flow.world.restart();
}

describe("encryption switched off while rooms are encrypted", () => {
  test("sends nothing there in the clear, says once to its person how to go on, and goes on when it is on again", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const before = flow.shown;
    await offAgain(flow, "chat");
    await flow.client.says("Bram", "2", "still there?");
    await settle();
    expect(flow.shown).toEqual(before);
    const told = () =>
      world.homeserver.shown(flow.management).filter((line) => /switched encryption off/u.test(line));
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain("• Bram: “new-room whatsapp Bram” goes on in a new room without encryption");
    await world.restart();
    expect(told()).toHaveLength(1);
    world.homeserver.secrecy.isOn = true;
    await world.restart();
    expect(flow.last).toBe("Bram: still there?");
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("lets its person go on in a new room, with what waited", async () => {
    await using flow = await OpenFlow.begin();
    await offAgain(flow, "chat");
    await flow.client.says("Bram", "2", "still there?");
    await settle();
    expect(await flow.asks("new-room whatsapp Bram")).toContain(
      "There is a new room for your chat with Bram",
    );
    await settle();
    const { room } = await flow.world.portal(ANA, "Bram");
    expect(room).not.toBe(flow.room);
    expect(flow.world.homeserver.shown(room)).toContain("Bram: still there?");
  });

  test("has the bot go on in a management room that it can read", async () => {
    await using flow = await OpenFlow.begin();
    await offAgain(flow, "both");
    const next = await flow.world.store.rooms.of(ANA);
    expect(next).not.toBe(flow.management);
    expect(next && flow.world.homeserver.shown(next)).toEqual([
      expect.stringContaining("switched encryption off"),
    ]);
    expect(flow.world.homeserver.room(flow.management).members.get(flow.world.homeserver.bot)).toBe("leave");
  });
});

test("people may encrypt the rooms that were made before as long as encryption is on", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const { homeserver } = world;
  const needed = () => {
    const levels = homeserver.room(flow.room).state.get("m.room.power_levels ");
    return (levels?.["events"] as Readonly<Record<string, number>> | undefined)?.["m.room.encryption"];
  };
  expect(needed()).toBe(100);
  homeserver.secrecy.isOn = true;
  await world.restart();
  expect(needed()).toBe(0);
  homeserver.secrecy.isOn = false;
  await world.restart();
  expect(needed()).toBe(100);
});
