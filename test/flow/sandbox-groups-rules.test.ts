import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { child, children, type Node, node, text } from "../../src/networks/meta-interop/wire/node.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { GroupUser, inGroup } from "../kit/group-user.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";
const isChange = ({ tag, attrs }: Node): boolean => tag === "notification" && attrs["type"] === "w:gp2";
const isRetry = ({ tag, attrs }: Node): boolean => tag === "receipt" && attrs["type"] === "retry";
const errorOf = (answer: Node): string | undefined => child(answer, "error")?.attrs["code"];
const participants = (...jids: readonly string[]) => jids.map((jid) => node("participant", { jid }));
const kinds = async (world: SandboxWorld) => (await world.client.violations()).map(({ kind }) => kind);

describe("what is asked about groups", () => {
  let world: SandboxWorld;
  beforeAll(async () => {
    world = await SandboxWorld.start();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test("is refused with the code that says why", async () => {
    const { bram, cas, dora, chat, group, inside } = await inGroup(world);
    const ask = (content: Node, to = group) => chat.ask("w:g2", "set", [content], to);
    const off = await world.client.person({ network: "whatsapp", name: "Off", optedIn: false });
    const elsewhere = await world.client.person({ network: "whatsapp", name: "Else", apps: [13] });
    const cross = await world.client.person({ network: "whatsapp", name: "Cross" });
    await cross.does("blocks", { to: ana });
    expect(errorOf(await ask(node("announcement")))).toBe("401");
    expect(errorOf(await ask(node("remove", {}, participants(cas.jid))))).toBe("401");
    expect(errorOf(await ask(node("subject", {}, "x".repeat(101))))).toBe("406");
    expect(errorOf(await ask(node("subject", {}, "Elsewhere"), "nowhere@g.us"))).toBe("404");
    const jids = [off.jid, elsewhere.jid, cross.jid, "31600@s.whatsapp.net", bram.jid];
    const added = child(await ask(node("add", {}, participants(...jids))), "add");
    expect((added ? children(added) : []).map(({ attrs }) => attrs["error"])).toEqual(
      expect.arrayContaining(["405", "405", "403", "404", "409"]),
    );
    await bram.does("promotes", { group, member: ana });
    await bram.does("restrictsGroup", { group, writes: "admins" });
    await expect(dora.says(group, "mag niet")).rejects.toMatchObject({ status: 409, code: "only-admins" });
    await bram.does("demotes", { group, member: ana });
    expect((await inside.writes("R1", "mag ook niet")).attrs["error"]).toBe("401");
    await bram.does("restrictsGroup", { group, writes: "all" });
    await world.client.network("whatsapp", { limits: { group_size: 4 } });
    await expect(
      bram.does("adds", {
        group,
        member: (await world.client.person({ network: "whatsapp", name: "More" })).id,
      }),
    ).rejects.toMatchObject({ code: "refused-419" });
    await world.client.network("whatsapp", { features: { groups: false } });
    expect(errorOf(await chat.ask("w:g2", "get", [node("query")], group))).toBe("405");
    expect((await inside.writes("R2", "uit", [inside.jid])).attrs["error"]).toBe("405");
    await world.client.network("whatsapp", { features: { groups: true }, limits: { group_size: 1024 } });
    await bram.does("removes", { group, member: ana });
    expect(errorOf(await chat.ask("w:g2", "get", [node("query")], group))).toBe("403");
    expect((await inside.writes("R3", "weg", [inside.jid])).attrs["error"]).toBe("403");
    expect(await kinds(world)).toEqual(["not-a-member"]);
    await chat[Symbol.asyncDispose]();
  });
});

test("a user makes a group once, changes it and leaves it, and the phones show it", async () => {
  await using world = await SandboxWorld.start();
  const { bram, cas, chat, inside } = await inGroup(world);
  const create = node("create", { subject: "Ours", key: "K1" }, participants(bram.jid, cas.jid));
  const first = child(await chat.ask("w:g2", "set", [create], "g.us"), "group");
  const again = child(await chat.ask("w:g2", "set", [create], "g.us"), "group");
  const group = first?.attrs["id"] ?? "";
  expect(again?.attrs["id"]).toBe(group);
  expect(await bram.shows((item) => item.chat === group)).toMatchObject({
    kind: "group",
    change: "created",
    from: ana,
  });
  const set = (content: Node) => chat.ask("w:g2", "set", [content], group);
  for (const content of [
    node("subject", {}, "Theirs"),
    node("description", {}, [node("body", {}, "On Sundays")]),
    node("announcement"),
    node("locked"),
    node("promote", {}, participants(cas.jid)),
  ])
    expect(errorOf(await set(content))).toBeUndefined();
  const all = child(await chat.ask("w:g2", "get", [node("participating")], "g.us"), "groups");
  expect((all ? children(all) : []).map(({ attrs }) => attrs["subject"])).toEqual(["Walks", "Theirs"]);
  const renamed = chat.next(isChange);
  await cas.does("renamesGroup", { group, name: "Everybody's" });
  const change = child(await renamed, "subject");
  expect(change && text(change)).toBe("Everybody's");
  expect(
    errorOf(await chat.ask("w:g2", "set", [node("leave", {}, [node("group", { id: group })])], "g.us")),
  ).toBeUndefined();
  const { items } = await bram.inbox();
  expect(items.filter((item) => item.chat === group).map(({ change }) => change)).toEqual([
    "created",
    "renamed",
    "described",
    "announcement",
    "locked",
    "promoted",
    "renamed",
    "removed",
  ]);
  const there = (await world.client.groups()).find((one) => one.group === group);
  expect(there?.members.map(({ id, part }) => [id, part])).toEqual([
    [bram.externalId, "member"],
    [cas.externalId, "admin"],
  ]);
  expect(inside.group).not.toBe(group);
  expect(await world.client.violations()).toEqual([]);
  await chat[Symbol.asyncDispose]();
});

test("who cannot read asks for it, and is sent it alone, both ways", async () => {
  await using world = await SandboxWorld.start();
  const { bram, cas, dora, chat, user, group, inside } = await inGroup(world);
  const arrives = chat.next(isMessage);
  const id = await bram.says(group, "hoi");
  const message = await arrives;
  const resent = chat.next(isMessage);
  chat.send(inside.receipt(message, "retry", [node("retry", { count: "1", id, v: "1" })]));
  const alone = await resent;
  expect(alone.attrs).toMatchObject({ id, from: group, participant: bram.jid });
  expect(children(alone, "enc").map(({ attrs }) => attrs["type"])).toEqual(["pkmsg"]);
  expect(await inside.opens(alone)).toEqual({ kind: "text", text: "hoi" });
  const next = chat.next(isMessage);
  await bram.says(group, "met de sleutel");
  expect(await inside.opens(await next)).toMatchObject({ text: "met de sleutel" });

  await world.client.fault({ fault: "retry-receipt", person: dora.id, count: 1 });
  const asked = chat.next(isRetry);
  await inside.writes("M1", "voor Dora nog eens");
  expect((await asked).attrs).toMatchObject({ id: "M1", participant: dora.jid });
  const again = await user.seal(dora.jid, "M1", { kind: "text", text: "voor Dora nog eens" });
  await user.sends(chat, { ...again, attrs: { ...again.attrs, to: group, participant: dora.jid } });
  await dora.hears("voor Dora nog eens");
  expect(await kinds(world)).toEqual([]);

  const unasked = await user.seal(cas.jid, "M1", { kind: "text", text: "voor Dora nog eens" });
  await user.sends(chat, { ...unasked, attrs: { ...unasked.attrs, to: group, participant: cas.jid } });
  const twice = await inside.seal("M1", { kind: "text", text: "anders" }, await inside.members());
  await user.sends(chat, twice);
  expect(await kinds(world)).toEqual([
    "encrypted-twice",
    "encrypted-twice",
    ...Array.from({ length: 2 }, () => "reused-message-id"),
  ]);
  await chat[Symbol.asyncDispose]();
});

test("after somebody has left everybody gives a new key, and an old list of members is told so", async () => {
  await using world = await SandboxWorld.start();
  const { bram, cas, dora, chat, group, inside } = await inGroup(world);
  const before = await inside.members();
  await inside.writes("M1", "met z'n vieren", before);
  let arrives = chat.next(isMessage);
  await bram.says(group, "een");
  await inside.opens(await arrives);
  const left = chat.next(isChange);
  await dora.does("leavesGroup", { group });
  expect((await left).attrs["participant"]).toBe(dora.jid);
  arrives = chat.next(isMessage);
  await bram.says(group, "twee");
  const renewed = await arrives;
  expect(children(renewed, "enc").map(({ attrs }) => attrs["type"])).toEqual([
    expect.stringMatching(/msg$/),
    "skmsg",
  ]);
  expect(await inside.opens(renewed)).toMatchObject({ text: "twee" });

  const stale = await inside.writes("M2", "oude lijst", before);
  expect(stale.attrs["phash"]).toMatch(/^[\w-]{8}$/);
  expect(await kinds(world)).toEqual([]);
  await inside.writes("M3", "oude sleutel");
  expect(await kinds(world)).toEqual(["no-sender-key"]);
  inside.newKey();
  await inside.writes("M4", "nieuwe sleutel");
  expect(await cas.hears("nieuwe sleutel")).toMatchObject({ id: "M4" });
  expect((await dora.inbox()).items.map(({ id }) => id)).not.toContain("M4");
  expect(await kinds(world)).toEqual(["no-sender-key"]);
  await chat[Symbol.asyncDispose]();
});

test("reactions, edits, an admin's deletion, typing and receipts name the members", async () => {
  await using world = await SandboxWorld.start();
  const { bram, cas, dora, chat, group, inside } = await inGroup(world);
  await inside.writes("M1", "wie?");
  const read = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["type"] === "read");
  await cas.does("reads", { target: "M1" });
  expect((await read).attrs).toMatchObject({ id: "M1", from: group, participant: cas.jid });
  const opened = async (act: () => Promise<unknown>) => {
    const arrives = chat.next(isMessage);
    await act();
    const stanza = await arrives;
    return { stanza, plaintext: await inside.opens(stanza) };
  };
  const reacted = await opened(() => cas.does("reacts", { to: group, target: "M1", emoji: "👍" }));
  expect(reacted.plaintext).toMatchObject({
    kind: "reaction",
    target: { id: "M1", fromMe: false, participant: inside.jid },
  });
  await opened(() => dora.says(group, "fout", { id: "D1" }));
  await expect(cas.does("deletes", { to: group, target: "D1" })).rejects.toMatchObject({
    code: "not-an-admin",
  });
  const deleted = await opened(() => bram.does("deletes", { to: group, target: "D1" }));
  expect(deleted.stanza.attrs["edit"]).toBe("8");
  expect(deleted.plaintext).toMatchObject({
    kind: "revoke",
    target: { id: "D1", fromMe: false, participant: dora.jid },
  });
  expect(await cas.shows(({ kind }) => kind === "delete")).toMatchObject({
    target: "D1",
    target_from: dora.externalId,
  });
  const types = chat.next(({ tag }) => tag === "chatstate");
  await dora.does("types", { to: group, on: true });
  expect((await types).attrs).toMatchObject({ from: group, participant: dora.jid });
  const shown = bram.shows(({ kind }) => kind === "typing");
  chat.send(node("chatstate", { to: group }, [node("composing")]));
  expect(await shown).toMatchObject({ chat: group, from: ana });
  expect(await world.client.violations()).toEqual([]);
  await chat[Symbol.asyncDispose]();
});

test("a phone that is off gets messages, receipts and changes in order later, also when the sandbox was killed between", async () => {
  using folder = temporaryFolder();
  const data = `${folder.path}/sandbox.db`;
  const first = await SandboxWorld.start(data);
  const { party } = first;
  const { bram, cas, chat, user, group, inside } = await inGroup(first);
  await cas.does("goesOffline");
  await inside.writes("M1", "een");
  await bram.does("renamesGroup", { group, name: "Later" });
  await bram.says(group, "twee");
  await inside.writes("M2", "drie");
  await chat[Symbol.asyncDispose]();
  await first.gatekeeper[Symbol.asyncDispose]();
  await using world = await SandboxWorld.start(data, party);
  const login = {
    ...user.login,
    network: world.network("whatsapp"),
    chatUrl: world.network("whatsapp").chat_url,
  };
  await using back = await ChatClient.connect(party, login);
  const [again] = (await world.client.people()).filter(({ person }) => person === cas.id);
  expect(again?.["online"]).toBe(false);
  const doesNow = (verb: string, fields = {}) =>
    world.client.call("POST", `/people/${cas.id}/do`, { verb, ...fields });
  await doesNow("comesOnline");
  const { items } = await world.client.call<{ items: { text?: string; change?: string }[] }>(
    "GET",
    `/people/${cas.id}/inbox?since=0`,
  );
  expect(items.map(({ text, change }) => change ?? text)).toEqual([
    "created",
    "een",
    "renamed",
    "twee",
    "drie",
  ]);
  const later = new GroupUser(user, back, group);
  const arrives = back.next(isMessage);
  await doesNow("says", { to: group, text: "ik ben er weer" });
  expect(await later.opens(await arrives)).toMatchObject({ text: "ik ben er weer" });
});

test("two users of one app in a group write to each other through the gatekeeper", async () => {
  await using world = await SandboxWorld.start();
  const { bram, chat, group, inside } = await inGroup(world);
  const { user: other, chat: otherChat } = await world.user("@bea:example.org");
  const told = otherChat.next(isChange);
  await bram.does("adds", { group, member: "@bea:example.org" });
  expect(child(await told, "add")).toBeDefined();
  const bea = new GroupUser(other, otherChat, group);
  const arrives = otherChat.next(isMessage);
  await inside.writes("M1", "dag Bea");
  const message = await arrives;
  expect(message.attrs["participant"]).toBe(inside.jid);
  expect(await bea.opens(message)).toMatchObject({ text: "dag Bea" });
  const receipt = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["participant"] === bea.jid);
  otherChat.send(bea.receipt(message));
  expect((await receipt).attrs).toMatchObject({ id: "M1", from: group });
  expect(await world.client.violations()).toEqual([]);
  await chat[Symbol.asyncDispose]();
  await otherChat[Symbol.asyncDispose]();
});
