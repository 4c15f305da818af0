import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { child, children, type Node } from "../../src/networks/meta-interop/wire/node.ts";
import { inGroup } from "../kit/group-user.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";
describe.each(["whatsapp", "messenger"] as const)("a group on %s", (network) => {
  test("is made by a person with a user in it, and both write: one stanza reaches every phone", async () => {
    await using world = await SandboxWorld.start();
    const { bram, cas, dora, chat, group, notification, inside } = await inGroup(world, network);
    expect(group).toBe("W1@g.us");
    expect(notification.attrs).toMatchObject({ from: group, participant: bram.jid });
    const create = child(notification, "create");
    const described = create && child(create, "group");
    expect(described?.attrs).toMatchObject({ id: group, creator: bram.jid, subject: "Walks", size: "4" });
    expect(described && children(described, "participant").map(({ attrs }) => attrs)).toEqual([
      { jid: bram.jid, type: "superadmin", display_name: "Bram" },
      { jid: inside.jid, display_name: ana },
      { jid: cas.jid, display_name: "Cas" },
      { jid: dora.jid, display_name: "Dora" },
    ]);

    const arrives = chat.next(isMessage);
    const id = await bram.says(group, "hoi");
    const message = await arrives;
    expect(message.attrs).toMatchObject({ id, from: group, participant: bram.jid, display_name: "Bram" });
    expect(children(message, "enc").map(({ attrs }) => attrs["type"])).toEqual(["pkmsg", "skmsg"]);
    expect(await inside.opens(message)).toEqual({ kind: "text", text: "hoi" });
    expect(await cas.hears("hoi")).toMatchObject({ chat: group, from_name: "Bram" });
    const second = chat.next(isMessage);
    await bram.says(group, "nog iets");
    const later = await second;
    expect(children(later, "enc").map(({ attrs }) => attrs["type"])).toEqual(["skmsg"]);
    expect(await inside.opens(later)).toEqual({ kind: "text", text: "nog iets" });
    const delivered = bram.shows(({ kind }) => kind === "receipt");
    chat.send(inside.receipt(message));
    expect(await delivered).toMatchObject({ target: id, from: ana, chat: group, receipt: "delivered" });

    const ack = await inside.writes("M1", "hallo allemaal");
    expect(ack.attrs).not.toHaveProperty("error");
    expect(ack.attrs).not.toHaveProperty("phash");
    for (const one of [bram, cas, dora])
      expect(await one.hears("hallo allemaal")).toMatchObject({ id: "M1", chat: group, from: ana });
    const receipts = chat.stanzas.filter(({ tag, attrs }) => tag === "receipt" && attrs["id"] === "M1");
    expect(new Set(receipts.map(({ attrs }) => attrs["participant"]))).toEqual(
      new Set([bram.jid, cas.jid, dora.jid]),
    );
    expect(await world.client.violations()).toEqual([]);
    expect(world.errors).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });
});

test("the lines on groups in the documentation do what they say", async () => {
  await using world = await SandboxWorld.start();
  await world.client.person({ network: "whatsapp", name: "Wim" });
  const { chat } = await world.user(ana);
  const page = readFileSync("docs/sandbox.md", "utf8");
  const [, groups = ""] = page.split("\n## Groups\n");
  const [, lines = ""] = /```sh\n(.*?)```/s.exec(groups) ?? [];
  const curls = lines.match(/^(?:curl|act) /gm) ?? [];
  const api = `API=${world.gatekeeper.url}/_sandbox/v1; ANA=${ana}; curl() { command curl -sS "$@"; echo; }`;
  const act = 'act() { curl -d "$1" $API/people/wa-1/do; }';
  const { stdout } = await promisify(execFile)("bash", ["-c", `${api}\n${act}\n${lines}`]);
  const answers = stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  expect(answers).toHaveLength(curls.length);
  expect(answers.filter((answer) => answer.includes('"error"'))).toEqual([]);
  const [group] = await world.client.groups();
  expect(group).toMatchObject({
    group: "walks@g.us",
    name: "Long walks",
    description: "On Sundays",
    writes: "all",
  });
  await chat[Symbol.asyncDispose]();
});
