import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, MessageId } from "../../src/core/model/ids.ts";
import { edits, notices, phone, picture, redacts } from "../kit/edited-chat.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;

describe("an edit that is taken back", () => {
  test("leaves what the room shows then: the edit before it, or the first words", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const two = await edits(flow, event, said("two"));
    const three = await edits(flow, event, said("three"));
    expect(phone(flow)).toEqual(["three"]);
    await redacts(flow, three);
    expect(phone(flow)).toEqual(["two"]);
    await flow.world.restart();
    await redacts(flow, two);
    expect(phone(flow)).toEqual(["one"]);
    await edits(flow, event, said("four"));
    expect(phone(flow)).toEqual(["four"]);
    expect(notices(flow)).toEqual([]);
  });

  test("changes nothing there where it is not the one that is shown", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const two = await edits(flow, event, said("two"));
    await flow.world.clock.advance(1);
    const three = await edits(flow, event, said("three"));
    const before = flow.client.taken.length;
    await redacts(flow, two);
    expect(flow.client.taken).toHaveLength(before);
    await redacts(flow, three);
    expect(phone(flow)).toEqual(["one"]);
    await redacts(flow, three);
    expect(flow.client.taken).toHaveLength(before + 1);
  });

  test("before it left was never sent", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    flow.client.state = { kind: "waiting", words: "away" };
    const two = await edits(flow, event, said("two"));
    await redacts(flow, two);
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(MINUTE);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message"]);
  });

  test("that never crossed changes nothing there", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const long = await edits(flow, event, said("x".repeat(101)));
    await redacts(flow, long);
    expect(flow.client.taken).toHaveLength(1);
  });

  test("of another kind brings the first one back", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const edit = await edits(flow, event, picture("a"));
    await redacts(flow, edit);
    expect(phone(flow)).toEqual(["one"]);
    await redacts(flow, event);
    expect(phone(flow)).toEqual([]);
  });

  test("too late, or where the words before cannot be read, is told", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const [two, three] = [await edits(flow, event, said("two")), await edits(flow, event, said("three"))];
    flow.world.homeserver.written.delete(two);
    await redacts(flow, three);
    expect(notices(flow).at(-1)).toContain("could not be read, so your contact still sees the changed text");
    const another = await flow.says("a");
    const edit = await edits(flow, another, said("b"));
    await flow.world.clock.advance(20 * MINUTE);
    await redacts(flow, edit);
    expect(notices(flow).at(-1)).toContain("takes edits for 15 minutes");
    expect(phone(flow)).toEqual(["three", "b"]);
  });

  test("waits while the homeserver is away", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const two = await edits(flow, event, said("two"));
    flow.world.homeserver.away = true;
    await redacts(flow, two);
    expect(phone(flow)).toEqual(["two"]);
    flow.world.homeserver.away = false;
    flow.world.bridge.homeserverBack();
    await flow.world.clock.advance(MINUTE);
    expect(phone(flow)).toEqual(["one"]);
  });
});

describe("a message that is deleted", () => {
  test("takes its edits out of the room, and an edit behind it brings nothing back", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const two = await edits(flow, event, said("two"));
    await redacts(flow, event);
    expect(flow.events.at(-1)?.send).toMatchObject({ type: "m.room.redaction", content: { redacts: two } });
    await flow.world.restart();
    await edits(flow, event, said("back again"));
    await redacts(flow, two);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "edit", "delete"]);
    expect(phone(flow)).toEqual([]);
  });

  test("is not sent again to a phone that could not read it, nor told as not delivered", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const edit = await edits(flow, event, said("two"));
    const { store } = flow.world;
    const ids: MessageId[] = [];
    for (const one of [event, edit])
      ids.push((await store.networkOutbox.byEvent(one))?.remoteId as MessageId);
    const again = async (id: MessageId) => {
      const outgoing = await flow.client.sink.again("Bram" as ChatId, id);
      return outgoing === "held" ? undefined : outgoing;
    };
    expect(await Promise.all(ids.map(async (id) => (await again(id))?.kind))).toEqual(["message", "edit"]);
    await redacts(flow, event);
    expect(await Promise.all(ids.map(again))).toEqual([undefined, undefined]);
    const error = new BridgeError("remote-refused", { words: "Unreadable.", certain: true });
    for (const id of ids) await flow.client.sink.undelivered("Bram" as ChatId, id, error);
    await settle();
    expect(notices(flow)).toEqual([]);
  });

  test("while all of it waits is never sent", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.state = { kind: "waiting", words: "away" };
    const event = await flow.says("one");
    await redacts(flow, event);
    await edits(flow, event, said("two"));
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(MINUTE);
    expect(flow.client.taken).toEqual([]);
  });
});
