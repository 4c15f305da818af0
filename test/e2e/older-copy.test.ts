import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import { OpenChat } from "../kit/open-chat.ts";
import { runProgram } from "../kit/program.ts";

let cas: Phone;
const here = anaOnSynapse({ secrets: ["Bram de Wit"], networks: ["whatsapp"] });

/** Runs a command of the bridge on this world's files; answers its JSON. */
async function command(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { bridgeConfig, registration } = here.world.world.files;
  const files = ["-c", bridgeConfig, "-r", registration, "--json"];
  const { status, out, err } = await runProgram([...words, ...files]);
  expect([status, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

/** A group of Bram's with Ana and Cas, seen from all ends. */
async function groupOf(phone: Phone) {
  const { world, ana, viewer } = here;
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  cas = await world.contact("whatsapp", "Cas Club");
  const members = [ana.userId, cas.externalId];
  const id = await phone.does("createsGroup", { name: "Club", members, id: "club" });
  const chat = await OpenChat.with({ world, person: ana, viewer, phone, self: id, name: "Club" });
  const said = async (text: string): Promise<void> => {
    await chat.said(text);
    await cas.hears(text);
  };
  /** Everything went both ways once, though of the keys that were given in between none is left here. */
  const isWhole = async (): Promise<void> => {
    for (const one of [phone, cas]) await one.hears("to all, while it was away");
    await cas.says(id, "Cas, after");
    await chat.text("Cas, after");
    await said("to all, after");
    const { events } = await chat.stillWorks();
    const ours = ["before the copy", "between", "while it was away", "after"].map(
      (when) => `to all, ${when}`,
    );
    const wanted = [...ours, "Cas, between", "Cas, after"];
    const bodies = events.map(({ content }) => String(content["body"]));
    expect(bodies.filter((body) => wanted.includes(body)).toSorted()).toEqual(wanted.toSorted());
    expect(events.filter(({ content }) => content["msgtype"] === "m.notice")).toEqual([]);
    for (const one of [phone, cas]) {
      const { items } = await one.inbox();
      const shown = items.flatMap(({ chat: where, from, repeat, text = "" }) =>
        where === id && from === ana.userId && repeat !== true ? text : [],
      );
      expect(shown.filter((text) => wanted.includes(text))).toEqual(ours);
    }
  };
  return {
    id,
    say: (text: string) => chat.say(text),
    text: (text: string) => chat.text(text),
    said,
    isWhole,
  };
}

test("an older copy put back loses nothing and doubles nothing, and what came between can be answered", async () => {
  const chat = await here.chat("whatsapp", "Bram de Wit");
  await chat.said("before the copy");
  const group = await groupOf(chat.phone);
  await group.said("to all, before the copy");
  const { files } = here.world.world;
  const { folder } = await command("backup", "--to", join(files.folder, "copies"), "--keep", "1");
  const between = await chat.said("between, from the room");
  await chat.does("says", { text: "between, from the phone" });
  await chat.text("between, from the phone");
  await chat.reply(between.event, { msgtype: "m.text", body: "an answer between" });
  await chat.heard("an answer between");
  // What this member's phone gives with it is in no copy.
  await cas.says(group.id, "Cas, between");
  await group.text("Cas, between");
  await group.said("to all, between");

  await here.world.world.bridge.kill("SIGKILL");
  const whileAway = await chat.say("while it was away");
  await group.say("to all, while it was away");
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
  await group.isWhole();

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
