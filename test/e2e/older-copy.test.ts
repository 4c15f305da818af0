import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import { runProgram } from "../kit/program.ts";

const here = anaOnSynapse({ secrets: ["Bram de Wit"], networks: ["whatsapp"] });

/** Runs a command of the bridge on this world's files; answers its JSON. */
async function command(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { bridgeConfig, registration } = here.world.world.files;
  const files = ["-c", bridgeConfig, "-r", registration, "--json"];
  const { status, out, err } = await runProgram([...words, ...files]);
  expect([status, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

test("an older copy put back loses nothing and doubles nothing, and what came between can be answered", async () => {
  const chat = await here.chat("whatsapp", "Bram de Wit");
  await chat.said("before the copy");
  const { files } = here.world.world;
  const { folder } = await command("backup", "--to", join(files.folder, "copies"), "--keep", "1");
  const between = await chat.said("between, from the room");
  await chat.does("says", { text: "between, from the phone" });
  await chat.text("between, from the phone");
  await chat.reply(between.event, { msgtype: "m.text", body: "an answer between" });
  await chat.heard("an answer between");

  await here.world.world.bridge.kill("SIGKILL");
  const whileAway = await chat.say("while it was away");
  await command("restore", "--from", String(folder));
  await here.world.world.startBridge();

  expect((await chat.heard("while it was away")).target).toBeUndefined();
  await chat.does("says", { text: "after, from the phone" });
  await chat.text("after, from the phone");
  const [again, late] = ["again, to what was between", "again, to what was away"];
  await chat.reply(between.event, { msgtype: "m.text", body: again });
  expect(await chat.heard(again)).toMatchObject({ target: between.id });
  await chat.reply(whileAway, { msgtype: "m.text", body: late });
  await chat.heard(late);
  const { events } = await chat.stillWorks();

  const texts = events.map(({ content }) => String(content["body"]));
  const wanted = [
    ["between, from the room", "between, from the phone", "an answer between"],
    ["while it was away", "after, from the phone", again, late],
  ].flat();
  expect(texts.filter((text) => wanted.includes(text))).toEqual(wanted);
  // Nothing is said to have failed, or could not be read.
  expect(events.filter(({ content }) => content["msgtype"] === "m.notice")).toEqual([]);
  const { items } = await chat.phone.inbox();
  const shown = items.filter(({ kind, repeat }) => kind === "text" && repeat !== true);
  expect(shown.map(({ text }) => text).filter((text) => wanted.includes(text ?? ""))).toEqual([
    "between, from the room",
    "an answer between",
    "while it was away",
    again,
    late,
  ]);
  expect(await here.world.control.violations()).toEqual({ violations: [] });
});
