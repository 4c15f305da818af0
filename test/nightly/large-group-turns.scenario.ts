import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import { CrowdedWorld } from "../kit/crowded-world.ts";

/** Contacts that are made at once. */
const TOGETHER = 20;
/** Milliseconds of processor time that one turn of the bridge's event loop may take (P6). */
const MOST = 50;

test.each([300, 1_000])(
  "a group of %i holds no turn of the event loop for 50 ms, whatever happens in it",
  async (size) => {
    await using world = await CrowdedWorld.start();
    const { control, person } = world;
    const features = { groups: true };
    await control.call("POST", "/networks/whatsapp", { features, limits: { group_size: size + 2 } });
    const contact = (name: string) => control.addContact({ network: "whatsapp", name });
    const maker = await contact("Maker");
    const members: Phone[] = [];
    while (members.length < size - 2) {
      const count = Math.min(TOGETHER, size - 2 - members.length);
      members.push(
        ...(await Promise.all(Array.from({ length: count }, (_, at) => contact(`M ${members.length + at}`)))),
      );
    }
    const last = await contact("Last");
    // The first message between two has the code read that no group makes longer.
    await maker.says(person, "between two");
    await world.message(({ content }) => content["body"] === "between two");
    const { peak: before } = await world.watched();
    let peak = before;
    const turns: Record<string, number> = {};
    const during = async (what: string, act: () => Promise<unknown>): Promise<void> => {
      await world.forget();
      await act();
      const watched = await world.watched();
      turns[what] = Math.round(watched.longest * 10) / 10;
      peak = Math.max(peak, watched.peak);
    };
    let group = "";
    const said = async (text: string): Promise<string> => {
      await maker.says(group, text);
      return (await world.message(({ content }) => content["body"] === text)).room_id;
    };
    let room = "";
    await during("made, with the first message", async () => {
      const all = [person, ...members.map(({ externalId }) => externalId)];
      group = await maker.does("createsGroup", { name: "Many", members: all, id: "many" });
      room = await said("first");
    });
    await during("a message from it", () => said("second"));
    await during("a member added, and removed", async () => {
      await maker.does("adds", { group, members: [last.externalId] });
      await maker.does("removes", { group, members: [last.externalId] });
      await said("third");
    });
    await during("a message to it", async () => {
      world.says(room, { msgtype: "m.text", body: "from here" });
      await said("fourth");
      // All of them get it, those without the key when they ask, and answer with receipts.
      await pause(size * 8);
    });
    await during("after a restart", async () => {
      // The code is read before it is ready, however small the group.
      await world.restartBridge();
      await maker.says(person, "awake");
      await world.message(({ content }) => content["body"] === "awake");
      await pause(2_000);
      await world.forget();
      await said("fifth");
    });
    await during("our person removed", async () => {
      await maker.does("removes", { group, members: [person] });
      await maker.says(person, "the end");
      await world.message(({ content }) => content["body"] === "the end");
    });
    const grown = Math.round(peak - before);
    const told = Object.entries(turns).map(([what, ms]) => `${what}: ${ms} ms`);
    process.stderr.write(
      `${size} members, longest turns: ${told.join("; ")}; memory grew by ${grown} MiB at most\n`,
    );
    expect(Math.max(...Object.values(turns))).toBeLessThan(MOST);
    expect(grown).toBeLessThan(200);
  },
  1_800_000,
);
