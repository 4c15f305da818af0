import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MessageId, PersonId } from "../../../src/core/model/ids.ts";
import { children, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { groupJid, InteropGroup } from "../../kit/interop-group.ts";
import { ourJid } from "../../kit/interop-pair.ts";

let group: InteropGroup;
beforeEach(async () => {
  group = await InteropGroup.start(3);
});
afterEach(() => group[Symbol.asyncDispose]());

describe("what members write", () => {
  test("is read by the sender key that came with it, and by the same key afterwards, in order", async () => {
    const [anna, bob] = [group.peer(1), group.peer(2)];
    await group.says(anna, "m1", "who waters?");
    await group.says(bob, "m2", "I do");
    await group.says(anna, "m3", "good", { key: false });
    await group.pair.sink.until("three texts", () => group.pair.sink.texts().length === 3);
    expect(group.pair.sink.events).toMatchObject([
      { kind: "message", chat: groupJid, sender: anna.jid, id: "m1", senderName: "Member 1" },
      { kind: "message", chat: groupJid, sender: bob.jid, id: "m2" },
      { kind: "message", chat: groupJid, sender: anna.jid, id: "m3" },
    ]);
    expect((await group.pair.acked("m1")).attrs).toMatchObject({ to: groupJid, participant: anna.jid });
  });

  test("is asked for again with the participant where its key is not known, and comes for us alone", async () => {
    const anna = group.peer(1);
    await group.says(anna, "m1", "lost key", { key: false });
    const asked = await group.gatekeeper.until(
      "a retry receipt",
      ({ tag, attrs }) => tag === "receipt" && attrs["type"] === "retry",
    );
    expect(asked.attrs).toMatchObject({ id: "m1", to: groupJid, participant: anna.jid });
    group.gatekeeper.send(await group.again(anna, "m1", "lost key"));
    await group.says(anna, "m2", "and now", { key: false });
    await group.pair.sink.until("both", () => group.pair.sink.texts().length === 2);
    expect(group.pair.sink.texts()).toEqual(["lost key", "and now"]);
  });

  test("survives a restart with its keys, and a failed commit brings it again", async () => {
    const anna = group.peer(1);
    await group.says(anna, "m1", "one");
    await group.pair.acked("m1");
    await group.pair.restart();
    const again = await group.message(anna, "m2", { kind: "text", text: "two" }, { key: false });
    group.pair.sink.failures = 1;
    group.gatekeeper.send(again);
    await group.pair.sink.until("the disk is well", () => group.pair.sink.failures === 0);
    await group.pair.sink.until("another connection", () => group.gatekeeper.connections === 3);
    group.gatekeeper.send(again);
    await group.pair.sink.until("the text", () => group.pair.sink.texts().includes("two"));
  });

  test("by a member of the group for another group, or by nobody in it, is not shown", async () => {
    const [anna, bob] = [group.peer(1), group.peer(2)];
    // The key that Anna gave is for another group: what it encrypts counts there alone.
    const elsewhere = await group.message(anna, "m1", { kind: "text", text: "elsewhere" }, { key: false });
    const key = node("enc", { v: "2", type: "pkmsg" }, (await group.keyOf(anna, "9@g.us")).bytes);
    group.gatekeeper.send({ ...elsewhere, content: [key, ...children(elsewhere)] });
    // Bob's phone gives Anna's key as its own.
    const forged = await group.message(anna, "m2", { kind: "text", text: "forged" }, { key: false });
    const stolen = await group.keyOf(bob);
    const encs = [node("enc", { v: "2", type: stolen.type }, stolen.bytes), ...children(forged)];
    group.gatekeeper.send({ ...forged, content: encs });
    const stranger = { jid: "31699999999@s.whatsapp.net", name: "Stranger" };
    group.gatekeeper.send(
      group.from(stranger, "m3", [node("enc", { v: "2", type: "skmsg" }, Uint8Array.of(1))]),
    );
    group.gatekeeper.send(
      group.from({ ...stranger, jid: "nobody" }, "m4", [
        node("enc", { v: "2", type: "skmsg" }, Uint8Array.of(1)),
      ]),
    );
    await group.pair.acked("m3");
    await group.says(group.peer(3), "m5", "after all");
    await group.pair.sink.until("the text", () => group.pair.sink.texts().length === 1);
    expect(group.pair.sink.texts()).toEqual(["after all"]);
    expect(group.pair.sink.events.filter(({ sender }) => sender === (stranger.jid as PersonId))).toEqual([]);
  });

  test("names people, and answers, reacts to, edits and deletes messages of whoever wrote them", async () => {
    const [anna, bob] = [group.peer(1), group.peer(2)];
    const send = async (peer: typeof anna, id: string, plaintext: Parameters<InteropGroup["message"]>[2]) =>
      group.gatekeeper.send(await group.message(peer, id, plaintext));
    const mentions = [bob.jid, ourJid];
    await send(anna, "m1", { kind: "text", text: "@31600000002 and @105012", mentions });
    await send(bob, "m2", { kind: "text", text: "yes", quoted: { id: "OWN1", sender: ourJid } });
    await send(bob, "m3", {
      kind: "reaction",
      target: { id: "m1", fromMe: false, participant: anna.jid },
      emoji: "🌱",
    });
    await send(bob, "m4", {
      kind: "reaction",
      target: { id: "OWN1", fromMe: false, participant: ourJid },
      emoji: "👍",
    });
    await send(anna, "m5", { kind: "revoke", target: { id: "m2", fromMe: false, participant: bob.jid } });
    const { sink } = group.pair;
    await sink.until("five events", () => sink.events.length === 5);
    expect(sink.events).toMatchObject([
      {
        message: {
          parts: [
            {
              body: {
                spans: [
                  { style: { kind: "mentionPerson", person: bob.jid } },
                  { style: { kind: "mentionUser", user: "@ana:example.org" } },
                ],
              },
            },
          ],
        },
      },
      { message: { replyTo: { id: "OWN1", own: true } } },
      { kind: "reaction", target: "m1", own: false },
      { kind: "reaction", target: "OWN1", own: true },
      { kind: "delete", target: "m2", sender: anna.jid },
    ]);
  });
});

test("receipts and typing in a group are a member's", async () => {
  const anna = group.peer(1);
  await group.says(anna, "m1", "hello");
  await group.pair.acked("m1");
  const { client, sink, store, login } = group.pair;
  const link = { login: login.id, chat: group.chat, id: "m1" as MessageId, part: 0, at: 1 };
  const shown = { room: "!room" as never, event: "$m1" as never, sender: anna.jid as PersonId };
  await store.write((tx) => tx.messages.add({ ...link, ...shown }));
  client.markDelivered?.(group.chat, anna.jid as PersonId, ["m1" as MessageId]);
  client.markRead?.(group.chat, anna.jid as PersonId, ["m1" as MessageId], "read");
  client.setTyping?.(group.chat, true, false);
  const typed = await group.gatekeeper.until("typing", ({ tag }) => tag === "chatstate");
  expect(typed.attrs).toEqual({ to: groupJid });
  const receipts = group.gatekeeper.stanzas.filter(({ tag }) => tag === "receipt");
  expect(receipts.map(({ attrs }) => attrs)).toEqual(
    expect.arrayContaining([
      { id: "m1", to: groupJid, participant: anna.jid, sts: expect.any(String) },
      { id: "m1", to: groupJid, participant: anna.jid, type: "read" },
    ]),
  );
  const about = { from: groupJid, participant: anna.jid };
  group.gatekeeper.send(node("ack", { class: "receipt", id: "m1", ...about }));
  group.gatekeeper.send(node("chatstate", about, [node("composing")]));
  group.gatekeeper.send(node("receipt", { id: "X1", type: "read", ...about }));
  await group.pair.acked("X1", "receipt");
  expect(sink.receipts).toEqual([{ chat: groupJid, person: anna.jid, kind: "read", ids: ["X1"] }]);
  expect(sink.signals).toEqual([
    { kind: "typing", chat: groupJid, sender: anna.jid, active: true, voice: false },
  ]);
  expect(await store.networkInbox.unconfirmed(login.id, 0, 10)).toEqual([]);
});
