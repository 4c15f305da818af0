import { describe, expect, test } from "@jest/globals";
import type { MessageId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { FlowWithPhone, ownMessage } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

describe.each([
  ["by the person themself", ["push", "sync"]],
  ["by a ghost of theirs", []],
] as const)("what a person did on another device, shown %s,", (_, ways) => {
  const themself = ways.length > 0;

  test("is in the room, in order with the contact's, and goes nowhere", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await phone.says("first", "o1");
    await flow.client.says("Bram", "2", "second");
    await phone.says("third", "o2");
    await phone.says("third", "o2");
    await it.passes();
    const bodies = it.bodies;
    expect(bodies).toEqual(["hello", "first", "second", "third"]);
    const by = it.senderOf("first");
    if (themself) expect(by).toBe(ANA);
    else {
      expect(by).not.toBe(ANA);
      expect(flow.world.homeserver.names.get(by)).toBe("Ana (WhatsApp)");
      expect(by).not.toBe(it.senderOf("second"));
    }
    expect(flow.client.taken).toEqual([]);
    expect(flow.client.delivered).toEqual(["1", "2"]);
    expect(flow.notices).toEqual([]);
    expect(flow.world.errors).toEqual([]);
  });

  test("keeps its place before what the contact wrote right after it", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow } = it;
    const brought = [
      flow.client.brings(ownMessage("Bram", "mine 1")),
      flow.client.says("Bram", "2", "his 1"),
      flow.client.brings(ownMessage("Bram", "mine 2")),
      flow.client.says("Bram", "3", "his 2"),
    ];
    await Promise.all(brought);
    await it.passes();
    expect(it.bodies).toEqual(["hello", "mine 1", "his 1", "mine 2", "his 2"]);
  });

  test("is answered, reacted to, edited and taken back from both sides", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    const mine = it.event("mine");
    await flow.client.says("Bram", "2", "an answer", { replyTo: "o1" });
    await flow.bram("3", { kind: "reaction", target: "o1" as MessageId, own: true, emoji: "👍" });
    expect(it.relation(it.event("an answer"))["m.in_reply_to"]).toEqual({ event_id: mine });
    expect(it.reactions.map(({ send }) => send.content["m.relates_to"])).toEqual([
      expect.objectContaining({ event_id: mine, key: "👍" }),
    ]);
    await flow.does({ kind: "message", message: said("mine too"), replyTo: mine });
    await flow.does({ kind: "reaction", target: mine, emoji: "🎉" });
    await flow.does({ kind: "edit", target: mine, message: said("mended") });
    await flow.does({ kind: "redaction", target: mine });
    expect(flow.client.taken).toMatchObject([
      { kind: "message", message: { replyTo: { id: "o1", own: true } } },
      { kind: "reaction", target: "o1", own: true, emoji: "🎉" },
      { kind: "edit", target: "o1" },
      { kind: "delete", target: "o1" },
    ]);
  });

  test("may be an edit of its own message, which is of nobody else's making, and its deletion", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o2");
    const edit = it.event("* mended");
    expect(it.relation(edit)).toMatchObject({ rel_type: "m.replace", event_id: it.event("mine") });
    expect(it.senderOf("* mended")).toBe(it.senderOf("mine"));
    await phone.does({ kind: "delete", target: "o1" as MessageId }, "o3");
    expect(new Set(it.redacted)).toEqual(new Set([it.event("mine"), edit]));
    await it.passes();
    expect(flow.client.taken).toEqual([]);
  });

  test("may be a reaction, another in its place, and none", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    const target = "1" as MessageId;
    for (const [index, emoji] of ["👍", "🎉", ""].entries())
      await phone.does({ kind: "reaction", target, own: false, emoji }, `r${index}`);
    const reactions = it.reactions;
    expect(reactions.map(({ send }) => Object(send.content["m.relates_to"]).key)).toEqual(["👍", "🎉"]);
    expect(it.redacted).toEqual(reactions.map(({ event }) => event));
    await it.passes();
    expect(flow.client.taken).toEqual([]);
  });

  test("is deleted there, where it was written here, and reacted to", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    const here = await flow.says("from here");
    const [id = "" as MessageId] = Array.from(flow.client.received.keys());
    await phone.does({ kind: "reaction", target: id, own: true, emoji: "👍" }, "o1");
    expect(it.relation(it.reactions[0]?.event)).toMatchObject({ event_id: here });
    await phone.does({ kind: "delete", target: id }, "o2");
    expect(it.redacted).toContain(here);
    await flow.does({ kind: "edit", target: here, message: said("too late") });
    expect(flow.client.taken).toHaveLength(1);
  });

  test("is taken back as a whole, once, where one of the several events that show it is", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    const parts = ["one", "two", "three"].flatMap((text) => said(text).parts);
    await phone.does({ kind: "message", message: { parts } }, "o1");
    await phone.does(
      { kind: "edit", target: "o1" as MessageId, message: { parts: parts.slice(0, 2) } },
      "o2",
    );
    const [one, two] = [it.event("one"), it.event("two")];
    const before = it.redacted.length;
    await flow.does({ kind: "redaction", target: two });
    await flow.does({ kind: "redaction", target: one });
    expect(flow.client.taken).toEqual([{ kind: "delete", target: "o1" }]);
    expect(it.redacted.slice(before)).toContain(one);
  });

  test("is a reaction that Ana replaces here while it is still to be sent here", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    const target = it.event("hello");
    const { homeserver } = flow.world;
    const reached = Promise.withResolvers<void>();
    const send = homeserver.send.bind(homeserver);
    const findSent = homeserver.findSent.bind(homeserver);
    homeserver.send = async (event) => reached.promise.then(() => send(event));
    homeserver.findSent = async (...asked) => reached.promise.then(() => findSent(...asked));
    await phone.does({ kind: "reaction", target: "1" as MessageId, own: false, emoji: "👍" }, "o1");
    await flow.does({ kind: "reaction", target, emoji: "🎉" });
    expect(it.reactions).toEqual([]);
    reached.resolve();
    await it.passes();
    expect(flow.client.taken).toMatchObject([{ kind: "reaction", emoji: "🎉" }]);
    expect(it.redacted).toEqual(it.reactions.map(({ event }) => event));
    expect(it.redacted).toHaveLength(1);
  });

  test("is a picture", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    flow.world.network.files.set("pic", Buffer.from("bytes"));
    const media = { kind: "image", mimetype: "image/png", source: { at: "network", ref: "pic" } } as const;
    await phone.does({ kind: "message", message: { parts: [{ kind: "media", media }] } }, "o1");
    await it.passes();
    const picture = flow.events.find(({ send }) => send.content["msgtype"] === "m.image");
    expect(picture?.send.content["url"]).toMatch(/^mxc:/);
    expect(picture?.send.sender === ANA).toBe(themself);
  });

  test("makes the room where the chat was not known, called as the contact", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await phone.says("written first", "o1", "Cees");
    await it.passes();
    const { room } = await flow.world.portal(ANA, "Cees");
    const { events, state, members } = flow.world.homeserver.room(room);
    expect(state.get("m.room.name ")).toEqual({ name: "Cees (WhatsApp)" });
    expect(events.map(({ send }) => send.content["body"])).toContain("written first");
    expect(["invite", "join"]).toContain(members.get(ANA));
    expect(flow.client.taken).toEqual([]);
  });

  test("is shown also where the contact is blocked, and where their chat is an archive", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await flow.asks("block whatsapp Bram");
    await phone.says("to one I blocked", "o1");
    await flow.bram("gone", { kind: "reachability", state: "gone" });
    await phone.says("to one who is gone", "o2");
    await it.passes();
    expect(it.event("to one I blocked")).toBeDefined();
    expect(it.event("to one who is gone")).toBeDefined();
    expect(flow.world.homeserver.room(flow.room).archived).toBe(true);
  });

  test("could not be decrypted, or is of a kind that is not shown: that is said in their own words", async () => {
    await using it = await FlowWithPhone.begin(...ways);
    const { flow, phone } = it;
    await phone.does({ kind: "undecryptable" }, "o1");
    await phone.does({ kind: "unsupported", what: "a poll" }, "o2");
    await phone.does({ kind: "call", video: false }, "o3");
    await phone.does({ kind: "excluded", what: "disappearing" }, "o4");
    await flow.bram("4", { kind: "excluded", what: "disappearing" });
    expect(flow.notices).toEqual([
      expect.stringMatching(/A message you wrote on another device could not be decrypted here/),
      expect.stringMatching(/You sent a poll on another device/),
      expect.stringMatching(/You called on WhatsApp from another device/),
      expect.stringMatching(/You sent a disappearing message on another device/),
      expect.stringMatching(/Bram sent a disappearing message\./),
    ]);
  });
});

describe("a read mark of another device", () => {
  test("moves the person's, is not told to the network that brought it, and the next one here is", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await flow.client.says("Bram", "2", "second");
    await settle();
    await phone.does({ kind: "read", target: "2" as MessageId }, "o1");
    expect(flow.world.puppets.read).toEqual([`${ANA} ${flow.room} ${it.event("second")}`]);
    await flow.reads(it.event("second"));
    expect(flow.client.signs).toEqual([]);
    // An older one moves nothing back.
    await phone.does({ kind: "read", target: "1" as MessageId }, "o2");
    expect(flow.world.puppets.read).toHaveLength(1);
    await flow.client.says("Bram", "3", "third");
    await settle();
    await flow.reads(it.event("third"));
    expect(flow.client.signs).toEqual(["read 3"]);
  });

  test("waits for its message, and of one that never comes nothing is said", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await phone.does({ kind: "read", target: "2" as MessageId }, "o1");
    await phone.does({ kind: "read", target: "never" as MessageId }, "o2");
    await phone.does({ kind: "read", target: "elsewhere" as MessageId }, "o3", "Cees");
    expect(flow.world.puppets.read).toEqual([]);
    await flow.client.says("Bram", "2", "second");
    await settle();
    expect(flow.world.puppets.read).toEqual([`${ANA} ${flow.room} ${it.event("second")}`]);
    await flow.world.clock.advance(20 * 60_000);
    expect(flow.notices).toEqual([]);
    await expect(flow.world.portal(ANA, "Cees")).rejects.toThrow("no portal");
  });
});
