import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MessageId, PersonId } from "../../../src/core/model/ids.ts";
import { interopGroups } from "../../../src/networks/meta-interop/group-records.ts";
import { bundleNodes, registrationNode } from "../../../src/networks/meta-interop/session/key-stanzas.ts";
import { participantKeysIn } from "../../../src/networks/meta-interop/wire/group-messages.ts";
import { membersHash } from "../../../src/networks/meta-interop/wire/groups.ts";
import { child, children, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { eventually } from "../../kit/eventually.ts";
import { groupJid, InteropGroup } from "../../kit/interop-group.ts";
import { ourJid } from "../../kit/interop-pair.ts";

let group: InteropGroup;
beforeEach(async () => {
  group = await InteropGroup.start(3);
});
afterEach(() => group[Symbol.asyncDispose]());

describe("what our person writes", () => {
  const inRoom = async (id: string, sender: string | undefined): Promise<void> => {
    const { store, login } = group.pair;
    const link = { login: login.id, chat: group.chat, id: id as MessageId, part: 0, at: 1 };
    const shown = {
      room: "!room" as never,
      event: `$${id}` as never,
      sender: sender as PersonId | undefined,
    };
    await store.write((tx) => tx.messages.add({ ...link, ...shown }));
  };

  test("is encrypted once for all, with the key for those who lack it, and everybody reads it", async () => {
    await group.send("X1", "hello");
    await group.send("X2", "again");
    const [first, second] = group.sent;
    expect(first?.attrs).toEqual({
      id: "X1",
      to: groupJid,
      type: "text",
      phash: membersHash([ourJid, ...group.peers.keys()]),
    });
    for (const peer of group.peers.values()) {
      expect(first && (await group.reads(peer, first))).toMatchObject({ text: "hello" });
      expect(second && (await group.reads(peer, second))).toMatchObject({ text: "again" });
    }
    expect(second && child(second, "participants")).toBeUndefined();
    expect(group.requests("encrypt", "get").filter((iq) => child(iq, "key"))).toHaveLength(1);
  });

  test("is given with a new key after a member left, whom it is not given, and after a key changed", async () => {
    await group.send("X1", "hello");
    const gone = group.peer(3);
    for (const peer of group.peers.values()) await group.reads(peer, group.sent[0] ?? node("message"));
    group.notice("n1", gone.jid, node("remove", {}, [node("participant", { jid: gone.jid })]));
    await group.pair.acked("n1", "notification");
    await group.send("X2", "without you");
    const [, second] = group.sent;
    expect(second && participantKeysIn(second).map(({ jid }) => jid)).toEqual([
      group.peer(1).jid,
      group.peer(2).jid,
    ]);
    await expect(group.reads(gone, second ?? node("message"))).rejects.toThrow();
    // Anna sets up a new phone: what she writes with it tells that her key is another one.
    group.peer(1).reinstall();
    await group.says(group.peer(1), "m1", "new phone");
    await group.pair.acked("m1");
    await group.send("X3", "for the new phone");
    const third = group.sent[2] ?? node("message");
    expect(participantKeysIn(third)).toHaveLength(2);
    expect(await group.reads(group.peer(1), third)).toMatchObject({ text: "for the new phone" });
    expect(await group.reads(group.peer(2), third)).toMatchObject({ text: "for the new phone" });
  });

  test("reaches the others where one has no keys, which is said once", async () => {
    group.keyless.add(group.peer(2).jid);
    await group.send("X1", "hello");
    await group.send("X2", "again");
    expect(await group.reads(group.peer(1), group.sent[0] ?? node("message"))).toMatchObject({
      text: "hello",
    });
    expect(group.pair.sink.unreachedMembers).toEqual([
      { chat: groupJid, person: group.peer(2).jid, why: "keys" },
    ]);
    expect(group.requests("encrypt", "get").filter((iq) => child(iq, "key"))).toHaveLength(1);
  });

  test("is sent again to the one member who asks, with the key, and counts no member who left", async () => {
    await group.send("X1", "hello");
    const [anna, bob] = [group.peer(1), group.peer(2)];
    anna.phone.forgetSessions();
    const bundle = anna.phone.bundle();
    const asks = (jid: string, id: string) =>
      group.gatekeeper.send(
        node("receipt", { id, type: "retry", from: groupJid, participant: jid }, [
          node("retry", { count: "1", id, t: "1", v: "1" }),
          registrationNode(bundle.registrationId),
          node("keys", {}, bundleNodes(bundle)),
        ]),
      );
    asks(anna.jid, "X1");
    const again = await group.gatekeeper.until(
      "the message again",
      ({ tag, attrs }) => tag === "message" && attrs["participant"] === anna.jid,
    );
    expect(again.attrs).toEqual({ id: "X1", to: groupJid, participant: anna.jid, type: "text" });
    expect(await group.reads(anna, again)).toMatchObject({ kind: "text", text: "hello" });
    await group.send("X2", "again");
    expect(await group.reads(anna, group.sent.at(-1) ?? again)).toMatchObject({ text: "again" });
    group.notice("n1", bob.jid, node("remove", {}, [node("participant", { jid: bob.jid })]));
    await group.pair.acked("n1", "notification");
    asks(bob.jid, "X1");
    await group.gatekeeper.until(
      "the ack",
      ({ tag, attrs }) => tag === "ack" && attrs["class"] === "receipt" && attrs["participant"] === bob.jid,
    );
    expect(group.sent.filter(({ attrs }) => attrs["participant"] === bob.jid)).toEqual([]);
  });

  test("is sent again as it was where its confirmation was lost, also after a restart", async () => {
    group.gatekeeper.ack = () => undefined;
    const lost = group.send("X1", "hello").catch((error: unknown) => error);
    await group.pair.sentMessage("X1");
    group.gatekeeper.cut();
    expect(await lost).toMatchObject({ reason: "remote-unreachable", certain: false });
    await group.pair.restart();
    group.gatekeeper.ack = ({ attrs: { id, to } }) => node("ack", { class: "message", id, from: to });
    await group.send("X1", "hello");
    const [first, second] = group.sent;
    expect(second).toEqual(first);
  });

  test("that waits while a member leaves and another comes goes to who is there, under the same id", async () => {
    const gone = group.peer(3);
    group.gatekeeper.ack = () => undefined;
    const lost = group.send("X1", "hello").catch((error: unknown) => error);
    await group.pair.sentMessage("X1");
    group.gatekeeper.cut();
    await lost;
    await group.pair.restart();
    group.gatekeeper.ack = ({ attrs: { id, to } }) => node("ack", { class: "message", id, from: to });
    const newcomer = "31655555555@s.whatsapp.net";
    group.joins(newcomer, "New");
    group.notice("n1", gone.jid, node("remove", {}, [node("participant", { jid: gone.jid })]));
    group.notice("n2", group.peer(1).jid, node("add", {}, [node("participant", { jid: newcomer })]));
    await group.pair.acked("n2", "notification");
    await group.send("X1", "hello");
    const [first, second] = group.sent;
    if (!first || !second) throw new Error("not sent twice");
    expect(second.attrs["id"]).toBe("X1");
    expect(participantKeysIn(second).map(({ jid }) => jid)).toEqual([
      group.peer(1).jid,
      group.peer(2).jid,
      newcomer,
    ]);
    const come = group.peers.get(newcomer);
    expect(come && (await group.reads(come, second))).toMatchObject({ text: "hello" });
    await expect(group.reads(gone, second)).rejects.toThrow();
  });

  test("asks for the members where the gatekeeper knows others, who get the key with the next message", async () => {
    await group.send("X1", "hello");
    const { ack } = group.gatekeeper;
    group.gatekeeper.ack = ({ attrs: { id, to } }) =>
      node("ack", { class: "message", id, from: to, phash: "another" });
    const newcomer = "31655555555@s.whatsapp.net";
    group.joins(newcomer, "New");
    await group.send("X2", "and you");
    group.gatekeeper.ack = ack;
    const { store, login } = group.pair;
    await eventually("the newcomer", async () => {
      const members = await store.family(interopGroups).members(login.id, group.chat);
      return members.length === 5;
    });
    await group.send("X3", "welcome");
    const last = group.sent.at(-1);
    expect(last && participantKeysIn(last).map(({ jid }) => jid)).toEqual([newcomer]);
  });

  test("asks once for members whom the gatekeeper counts otherwise, however many messages say so", async () => {
    await group.send("X1", "hello");
    group.gatekeeper.ack = ({ attrs: { id, to } }) =>
      node("ack", { class: "message", id, from: to, phash: "another" });
    const before = group.requests("w:g2", "get").length;
    await Promise.all(["X2", "X3", "X4"].map((id) => group.send(id, id)));
    await group.send("X5", "one more");
    await eventually("the question", async () => group.requests("w:g2", "get").length > before);
    await group.send("X6", "the last");
    await group.send("X7", "and after it");
    expect(group.requests("w:g2", "get")).toHaveLength(before + 1);
  });

  test("names the author of the message that it is about", async () => {
    const anna = group.peer(1);
    await inRoom("m1", anna.jid);
    await inRoom("OWN1", undefined);
    const text = (body: string) =>
      ({ parts: [{ kind: "text", style: "text", body: { text: body, spans: [] } }] }) as const;
    const replyTo = { id: "m1" as MessageId, own: false };
    await group.sendsOut("X1", { kind: "message", message: { ...text("yes"), replyTo } });
    await group.sendsOut("X2", { kind: "reaction", target: "m1" as MessageId, own: false, emoji: "🌱" });
    await group.sendsOut("X3", { kind: "edit", target: "OWN1" as MessageId, message: text("better") });
    await group.sendsOut("X4", { kind: "delete", target: "OWN1" as MessageId });
    const author = anna.jid as PersonId;
    await group.sendsOut("X5", { kind: "delete", target: "m1" as MessageId, author });
    // Also one of which nothing is stored any more.
    await group.sendsOut("X6", { kind: "delete", target: "m0" as MessageId, author });
    const read = [];
    for (const message of group.sent) read.push(await group.reads(anna, message));
    const of = { chat: groupJid };
    expect(read).toMatchObject([
      { kind: "text", quoted: { id: "m1", sender: anna.jid } },
      { kind: "reaction", target: { ...of, id: "m1", fromMe: false, participant: anna.jid } },
      { kind: "edit", target: { ...of, id: "OWN1", fromMe: true, participant: ourJid } },
      { kind: "revoke", target: { ...of, id: "OWN1", fromMe: true } },
      { kind: "revoke", target: { ...of, id: "m1", fromMe: false, participant: anna.jid } },
      { kind: "revoke", target: { ...of, id: "m0", fromMe: false, participant: anna.jid } },
    ]);
    expect(group.sent.map(({ attrs }) => attrs["edit"])).toEqual([undefined, undefined, "1", "7", "8", "8"]);
  });

  test("is refused in words for groups", async () => {
    for (const [code, words] of [
      ["401", "Only admins can write in this group."],
      ["403", "You are not in this group on WhatsApp. Ask one of its admins to add you."],
      ["405", expect.stringContaining("does not let other apps take part in groups")],
    ] as const) {
      group.gatekeeper.ack = ({ attrs: { id, to } }) =>
        node("ack", { class: "message", id, from: to, error: code });
      await expect(group.send(`X${code}`, "hello")).rejects.toMatchObject({ certain: true, words });
    }
  });
});

test("a message to 300 members and more costs one encryption and one stanza", async () => {
  await using crowd = await InteropGroup.start(420);
  await crowd.send("X0", "keys first");
  await crowd.send("X1", "hello");
  const before = crowd.gatekeeper.stanzas.length;
  await crowd.send("X2", "everybody");
  const sent = crowd.gatekeeper.stanzas.slice(before);
  expect(sent.map(({ tag }) => tag)).toEqual(["message"]);
  expect(sent.flatMap((message) => children(message).map(({ tag, attrs }) => [tag, attrs["type"]]))).toEqual([
    ["enc", "skmsg"],
  ]);
  // As many keys as a stanza has room for came with the first one, the rest with the second, in few requests.
  const [first, second] = crowd.sent;
  if (!first || !second || !sent[0]) throw new Error("not sent");
  expect([first, second].map((message) => participantKeysIn(message).length)).toEqual([400, 20]);
  expect(crowd.requests("encrypt", "get").filter((iq) => children(iq)[0]?.tag === "key")).toHaveLength(5);
  for (const number of [1, 400]) {
    expect(await crowd.reads(crowd.peer(number), first)).toMatchObject({ text: "keys first" });
    expect(await crowd.reads(crowd.peer(number), sent[0])).toMatchObject({ text: "everybody" });
  }
  expect(await crowd.reads(crowd.peer(420), second)).toMatchObject({ text: "hello" });
  expect(await crowd.reads(crowd.peer(420), sent[0])).toMatchObject({ text: "everybody" });
  const { store, login } = crowd.pair;
  const members = await store.family(interopGroups).members(login.id, crowd.chat);
  expect(new Set(members.flatMap(({ holds }) => holds ?? [])).size).toBe(1);
}, 30_000);
