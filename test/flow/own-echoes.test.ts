import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, MessageId } from "../../src/core/model/ids.ts";
import { AS_PERSON_KEY, asPerson } from "../../src/core/ports/homeserver.ts";
import { OutboxRows } from "../../src/core/runtime/outbox-rows.ts";
import { DAY } from "../contract/store-fixtures.ts";
import { ANA } from "../kit/flow-world.ts";
import type { MessageNaming } from "../kit/message-naming.ts";
import { said } from "../kit/open-flow.ts";
import { echoing, FlowWithPhone, sentAsPerson } from "../kit/second-device.ts";

const forbidden = new BridgeError("forbidden", { words: "No.", certain: true });
const unanswered = new BridgeError("homeserver-unreachable", { words: "?", certain: false, retryAfter: 0 });
const NO_ANSWER = new BridgeError("remote-unreachable", { words: "?", certain: false, retryAfter: 0 });

describe("what the bridge sent as a person", () => {
  test.each([[["push"]], [["sync"]], [["sync", "push"]], [["push", "push"]]] as const)(
    "is known when the homeserver brings it by %j",
    async (ways) => {
      await using it = await FlowWithPhone.begin(...ways);
      const { flow, phone } = it;
      for (let count = 0; count < 5; count++) await phone.says(`${count}`, `o${count}`);
      await it.passes();
      expect(flow.client.taken).toEqual([]);
      expect(flow.events).toHaveLength(6);
    },
  );

  test("is not sent again, nor to the network, where the bridge is killed before it knew of it", async () => {
    for (const echo of ["before", "after"] as const) {
      await using it = await FlowWithPhone.begin(...(echo === "before" ? (["push"] as const) : []));
      const { flow, phone } = it;
      flow.world.puppets.there = true;
      flow.world.puppets.faults.push({ when: "after", error: unanswered });
      await phone.says("mine", "o1");
      await flow.world.crash();
      await it.passes();
      expect(flow.events.filter(({ send }) => send.content["body"] === "mine")).toHaveLength(1);
      echoing(flow.world, "sync");
      flow.world.puppets.sent(it.event("mine"), flow.room);
      await it.passes();
      expect(flow.client.taken).toEqual([]);
      await flow.does({ kind: "redaction", target: it.event("mine") });
      expect(flow.client.taken).toEqual([{ kind: "delete", target: "o1" }]);
    }
  });

  test("is told from what the person wrote that looks alike: that crosses", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    const row = it.row("mine");
    // Clients copy content, and whatever is in it.
    await flow.does({ kind: "message", message: said("mine"), row });
    await flow.does({ kind: "message", message: said("mine") });
    const other = it.row("hello");
    await flow.does({ kind: "message", message: said("hello"), row: other });
    await it.passes();
    expect(Array.from(flow.client.received.values())).toEqual(["mine", "mine", "hello"]);
  });

  test("does not cross where an older copy of the database was put back, which does not know of it", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow } = it;
    const rows = new OutboxRows(flow.world.clock, { uuid: randomUUID });
    const lost = rows.newId();
    await flow.world.clock.advance(3_600_000);
    await flow.does({ kind: "message", message: said("lost"), row: lost });
    expect(flow.client.taken).toEqual([]);
    // What is so old that its row was forgotten can only be copied.
    const old = new OutboxRows(
      { now: () => flow.world.clock.now() - 61 * DAY, after: () => () => {} },
      { uuid: randomUUID },
    );
    await flow.does({ kind: "message", message: said("old"), row: old.newId() });
    expect(Array.from(flow.client.received.values())).toEqual(["old"]);
  });

  test("may be changed and taken back by them as if they had written it", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o2");
    await flow.does({ kind: "redaction", target: it.event("* mended") });
    // What it said before is said again; the message stays.
    expect(flow.client.taken).toMatchObject([
      { kind: "edit", target: "o1", message: { parts: [{ body: { text: "mine" } }] } },
    ]);
    await phone.does({ kind: "reaction", target: "1" as MessageId, own: false, emoji: "👍" }, "o3");
    await flow.does({ kind: "redaction", target: it.reactions[0]?.event as EventId });
    expect(flow.client.taken.at(-1)).toEqual({
      kind: "reaction",
      target: "1",
      own: false,
      emoji: "",
      was: "👍",
    });
  });
});

describe("a double puppet that stops working", () => {
  test("leaves it to the person's ghost, once, and is tried again with the next", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    flow.world.puppets.faults.push(
      { when: "before", error: forbidden },
      { when: "before", error: forbidden },
    );
    await phone.says("by the ghost", "o1");
    await phone.says("by Ana", "o2");
    await it.passes();
    expect(it.senderOf("by the ghost")).toMatch(/^@_tpc_/);
    expect(it.senderOf("by Ana")).toBe(ANA);
    expect(flow.client.taken).toEqual([]);
  });

  test("holds up nothing where the homeserver fails on it alone", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    for (let count = 0; count < 3; count++)
      flow.world.puppets.faults.push({ when: "before", error: unanswered });
    await phone.says("mine", "o1");
    await flow.client.says("Bram", "2", "his");
    await it.passes();
    expect(it.senderOf("mine")).toMatch(/^@_tpc_/);
    expect(flow.last).toBe("Bram: his");
  });

  test("may have said after all what a ghost said instead: that is taken out, and what Ana copies of the ghost crosses", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    const { world, room } = flow;
    for (let count = 0; count < 3; count++) world.puppets.faults.push({ when: "before", error: unanswered });
    await phone.says("mine", "o1");
    await it.passes();
    const ghosts = it.contentOf("mine");
    const brings = async (content: typeof ghosts) => {
      const event = world.homeserver.room(room).say(ANA, "m.room.message", content);
      await world.push(sentAsPerson(world, event, room));
      await it.passes();
      return event;
    };
    const late = await brings({ ...ghosts, [AS_PERSON_KEY]: asPerson(ANA, room) });
    expect(flow.client.taken).toEqual([]);
    expect(it.redacted).toEqual([late]);
    await brings(ghosts);
    expect(flow.client.taken).toHaveLength(1);
    expect(it.redacted).toEqual([late]);
  });

  test("leaves an edit to the ghost as what it says, also where that takes several tries", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await phone.says("mine", "o1");
    for (let count = 0; count < 3; count++)
      flow.world.puppets.faults.push({ when: "before", error: unanswered });
    const { homeserver } = flow.world;
    const send = homeserver.send.bind(homeserver);
    let failures = 1;
    homeserver.send = async (event) => {
      if (event.content["body"] === "mended" && failures-- > 0) throw unanswered;
      return send(event);
    };
    await phone.does({ kind: "edit", target: "o1" as MessageId, message: said("mended") }, "o2");
    await it.passes();
    expect(it.bodies).toEqual(["hello", "mine", "mended"]);
    expect(it.senderOf("mended")).toMatch(/^@_tpc_/);
    expect(it.contentOf("mended")).not.toHaveProperty(["m.relates_to"]);
  });

  test("has an edit of what Ana's own event says told below it, by the bot", async () => {
    await using it = await FlowWithPhone.begin();
    const { flow, phone } = it;
    const here = await flow.says("from here");
    const [id = "" as MessageId] = Array.from(flow.client.received.keys());
    await phone.does({ kind: "edit", target: id, message: said("mended") }, "o1");
    expect(flow.last).toBe(
      "bot: You changed this message on another device. On WhatsApp it says now: mended",
    );
    expect(it.relation(flow.events.at(-1)?.event)["m.in_reply_to"]).toEqual({ event_id: here });
  });

  test("is done without for a person who left the room for good", async () => {
    await using it = await FlowWithPhone.begin("push");
    const { flow, phone } = it;
    await flow.asks("mute whatsapp Bram");
    await flow.does({ kind: "member", user: ANA, membership: "leave", direct: false });
    flow.world.homeserver.room(flow.room).members.set(ANA, "leave");
    await phone.says("mine", "o1");
    await it.passes();
    expect(flow.world.homeserver.room(flow.room).members.get(ANA)).toBe("leave");
    expect(it.senderOf("mine")).toMatch(/^@_tpc_/);
  });
});

describe.each(["by-row", "by-time", "by-network", "by-keyless-network"] as const)(
  "a network that brings back what we sent, named %s,",
  (naming: MessageNaming) => {
    test("has it shown once, as it is there already", async () => {
      await using it = await FlowWithPhone.begin("push");
      const { flow } = it;
      flow.world.network.naming = naming;
      flow.world.network.copies = true;
      const target = await flow.says("from here");
      await flow.does({ kind: "edit", target, message: said("mended") });
      await flow.does({ kind: "reaction", target, emoji: "👍" });
      await it.passes();
      expect(it.bodies).toEqual(["hello"]);
      expect(flow.client.taken).toHaveLength(3);
    });
  },
);

test.each(["by-row", "by-time", "by-network"] as const)(
  "a copy of what we sent tells what the lost answer of the network did not, where it is named %s",
  async (naming) => {
    await using it = await FlowWithPhone.begin("push");
    const { flow } = it;
    flow.world.network.naming = naming;
    flow.world.network.copies = true;
    flow.client.faults.push({ when: "after", error: NO_ANSWER });
    const target = await flow.says("from here");
    await it.passes();
    expect((await flow.world.store.networkOutbox.byEvent(target))?.state).toBe("sent");
    await flow.does({ kind: "edit", target, message: said("mended") });
    const name = Array.from(flow.client.received.keys());
    expect(flow.client.taken).toMatchObject([{ kind: "message" }, { kind: "edit", target: name[0] }]);
    expect(it.bodies).toEqual(["hello"]);
  },
);
