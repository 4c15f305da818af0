import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { BEN, FlowWorld } from "../kit/flow-world.ts";

/** What the pages tell people to write to the bot. */
const commands = [
  ...new Set(
    globSync("docs/*.md")
      .flatMap((page) => [...readFileSync(page, "utf8").matchAll(/`([^`]+)`, to the bot/g)])
      .map(([, command = ""]) => command),
  ),
];

test("each command to the bot that a page names is one, as it stands there", async () => {
  await using world = await FlowWorld.start();
  world.admins.add(BEN);
  const room = await world.meets(BEN);
  expect(commands.length).toBeGreaterThan(5);
  const unknown: string[] = [];
  for (const command of commands) {
    const before = world.homeserver.shown(room).length;
    await world.says(BEN, room, command);
    const answer = world.homeserver.shown(room).slice(before).join("\n");
    if (!answer.includes("bot: ") || /I do not know|Only an administrator|Write “help \w/.test(answer)) {
      unknown.push(`${command} → ${answer}`);
    }
  }
  expect(unknown).toEqual([]);
});
