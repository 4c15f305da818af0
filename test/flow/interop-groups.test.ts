import { expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import type { RichText } from "../../src/core/model/rich-text.ts";
import { type Connected, InteropWorld } from "../kit/interop-world.ts";
import { noFiles } from "../kit/media-workshop.ts";

const chat = "walks@g.us" as ChatId;

const send = (by: Connected, id: string, text: string, spans: RichText["spans"] = []) => {
  const message = { parts: [{ kind: "text", style: "text", body: { text, spans } }] } as const;
  const outgoing = { kind: "message", message } as const;
  const item = { chat, id: id as MessageId, outgoing, open: noFiles };
  return by.client.send(item, by.sink.journal(item.id));
};

test("two of our people in one group read each other and the phone, each message encrypted once", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const bram = await world.control.addContact({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const ana = await world.join("@ana:example.org");
  const bob = await world.join("@bob:example.org");
  const members = [ana.login.visibleId, bob.login.visibleId];
  await bram.does("createsGroup", { name: "Walks", members, id: "walks" });
  for (const { sink } of [ana, bob])
    await sink.until("the group", () => sink.events.some((event) => event.chat === chat));
  await send(ana, "A1", "from Ana");
  await bob.sink.until("what Ana writes", () => bob.sink.texts().includes("from Ana"));
  await send(bob, "B1", "from Bob");
  await ana.sink.until("what Bob writes", () => ana.sink.texts().includes("from Bob"));
  await bram.says(chat, "from Bram");
  for (const { sink } of [ana, bob])
    await sink.until("what Bram writes", () => sink.texts().includes("from Bram"));
  for (const text of ["from Ana", "from Bob"]) await bram.shows(text, (item) => item.text === text);
  const info = await ana.client.chatInfo?.(chat);
  if (info?.kind !== "group") throw new Error("not a group");
  const self = bob.sink.events.find(({ kind, id }) => kind === "message" && id === "A1")?.sender;
  expect(info.self).toBe(self);
  expect(info.members.map(({ person }) => person)).toContain(
    ana.sink.events.find(({ kind, id }) => kind === "message" && id === "B1")?.sender,
  );
  const other = { kind: "mentionPerson", person: info.self as PersonId } as const;
  await send(bob, "B2", "hi Ana", [{ start: 3, end: 6, style: other }]);
  const digits = /-(\d+)@/.exec(info.self ?? "")?.[1];
  const named = await bram.shows("whom Bob names", ({ text }) => text === `hi @${digits}`);
  expect(named).toMatchObject({ mentions: [info.self] });
  await send(bob, "B3", "look, @room", [{ start: 6, end: 11, style: { kind: "mentionRoom" } }]);
  const called = await bram.shows("that all are named", ({ text }) => text === "look, @room");
  expect(called).toMatchObject({ mentions: expect.arrayContaining([bram.jid, info.self]) });
  // By its id a change is known to be one, of which each of ours is told.
  await bram.does("renamesGroup", { group: chat, name: "Long walks" });
  const told: string[] = [];
  for (const { sink } of [ana, bob]) {
    const isRenamed = ({ kind }: RemoteEvent) => kind === "group-name";
    await sink.until("the new name", () => sink.events.some(isRenamed));
    told.push(...sink.events.filter(isRenamed).map(({ id }) => id));
  }
  expect(new Set(told).size).toBe(1);
  expect(await world.violations()).toEqual([]);
});

test("a picture that our person gives a group is seen by all of it, and taken away again", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const bram = await world.control.addContact({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const ana = await world.join("@ana:example.org");
  const bob = await world.join("@bob:example.org");
  const members = [ana.login.visibleId, bob.login.visibleId];
  await bram.does("createsGroup", { name: "Walks", members, id: "walks" });
  await bob.sink.until("the group", () => bob.sink.events.length > 0);
  const gives = async (id: string, uri: string): Promise<void> => {
    const outgoing = { kind: "group-change", change: { kind: "avatar", uri } } as const;
    const open = () => world.workshop.file(Buffer.from("a picture"));
    const item = { chat, id: id as MessageId, outgoing, open };
    await ana.client.send(item, ana.sink.journal(item.id));
  };
  const pictures = () =>
    bob.sink.events.flatMap((event) => (event.kind === "group-avatar" ? event.avatar : []));
  await gives("P1", "mxc://example.org/picture");
  await bob.sink.until("the picture", () => pictures().length === 1);
  const [ref = ""] = pictures();
  await using file = await bob.client.openMedia?.(ref);
  const read: Uint8Array[] = [];
  for await (const chunk of file?.read() ?? []) read.push(chunk);
  expect(Buffer.concat(read).toString()).toBe("a picture");
  await gives("P2", "");
  await bob.sink.until("no picture", () => pictures().length === 2);
  expect(pictures()[1]).toBe("");
  expect(await world.violations()).toEqual([]);
});

test("a member with another number is another one in the group, and it goes on with new keys", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const bram = await world.control.addContact({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const cas = await world.control.addContact({ network: "whatsapp", name: "Cas", phone: "+31612345679" });
  const ana = await world.join("@ana:example.org");
  const members = [ana.login.visibleId, cas.externalId];
  await bram.does("createsGroup", { name: "Walks", members, id: "walks" });
  await ana.sink.until("the group", () => ana.sink.events.some((event) => event.chat === chat));
  await send(ana, "A1", "before");
  await bram.shows("before", (item) => item.text === "before");
  await bram.says(chat, "old number");
  await ana.sink.until("the message", () => ana.sink.texts().includes("old number"));
  await bram.does("changesPhone", { phone: "+31699999999" });
  const [old, now] = ["31612345678@s.whatsapp.net", "31699999999@s.whatsapp.net"];
  const isNow = () => ana.sink.events.some((event) => event.kind === "group-roles" && event.chat === chat);
  await ana.sink.until("the other number", isNow);
  const changes = ana.sink.events.flatMap((event) => (event.kind === "group-members" ? event.changes : []));
  expect(changes.slice(-2)).toMatchObject([
    { person: old, membership: "left" },
    { person: now, membership: "joined", name: "Bram" },
  ]);
  await bram.says(chat, "new number");
  await ana.sink.until("the message", () => ana.sink.texts().includes("new number"));
  expect(ana.sink.events.findLast(({ kind }) => kind === "message")?.sender).toBe(now);
  await send(ana, "A2", "after");
  for (const phone of [bram, cas]) await phone.shows("after", (item) => item.text === "after");
  expect(await world.violations()).toEqual([]);
});

test("a block is between two: in a group both go on reading each other", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const bram = await world.control.addContact({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const ana = await world.join("@ana:example.org");
  await bram.does("createsGroup", { name: "Walks", members: [ana.login.visibleId], id: "walks" });
  await ana.sink.until("the group", () => ana.sink.events.some((event) => event.chat === chat));
  await bram.does("blocks", { to: ana.login.visibleId });
  await ana.sink.until("the block", () => ana.sink.events.some(({ kind }) => kind === "reachability"));
  await ana.client.setBlocked?.(bram.jid as PersonId, true);
  await send(ana, "A1", "in the group");
  await bram.shows("in the group", (item) => item.text === "in the group");
  await bram.says(chat, "there too");
  await ana.sink.until("the message", () => ana.sink.texts().includes("there too"));
  expect(await world.violations()).toEqual([]);
});

test("a member who cannot be reached any more is named where our person writes, with why", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const bram = await world.control.addContact({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const cas = await world.control.addContact({ network: "whatsapp", name: "Cas", phone: "+31612345679" });
  const ana = await world.join("@ana:example.org");
  const { sink } = ana;
  const members = [ana.login.visibleId, cas.externalId];
  for (const id of ["walks", "quiet"]) await bram.does("createsGroup", { name: id, members, id });
  await sink.until(
    "the groups",
    () => sink.events.filter(({ kind }) => kind === "group-members").length === 2,
  );
  await send(ana, "A1", "who comes?");
  await cas.shows("who comes?", (item) => item.text === "who comes?");
  expect(sink.unreachedMembers).toEqual([]);
  await cas.does("blocks", { to: ana.login.visibleId });
  await cas.does("turnsOff");
  await sink.until("that Cas is off", () => sink.unreachedMembers.length > 0);
  expect(sink.unreachedMembers).toEqual([{ chat, person: cas.jid, why: "off" }]);
  await send(ana, "A2", "and the others?");
  await bram.shows("and the others?", (item) => item.text === "and the others?");
  expect(await world.violations()).toEqual([]);
});
