import { describe, expect, test } from "@jest/globals";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { event, link, portal, ROOM } from "../../contract/store-fixtures.ts";
import { eventually } from "../../kit/eventually.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

describe("the delivery receipts of a message request", () => {
  const stage = signalStage();

  /** The times that a contact was told of as delivered, in order. */
  const toldTo = (who: Person) =>
    who.journal.entries.flatMap(({ content }) => {
      const { type, timestamp = [] } = content?.content?.receiptMessage ?? {};
      return Number(type) === 0 ? (timestamp ?? []).map(Number) : [];
    });
  const keyOf = (who: Person) => ({ login: stage.session.login.id, chat: chatOf(who) });

  /** Somebody whose first message is in its room, where their chat is a request: what the core does. */
  async function asks(name: string) {
    const { session, world, phone } = stage;
    const who = await world.mock.person(name);
    const key = keyOf(who);
    session.sink.requests.add(key.chat);
    const { timestamp } = await who.says(phone, "may I?");
    const { id } = await stage.event("message", timestamp);
    await world.store.write((tx) =>
      tx.messages.add(
        { ...link(id), ...key, sender: personIdOf(who), room: ROOM, event: event(timestamp.toString()) },
        0,
      ),
    );
    session.client.markDelivered(key.chat, personIdOf(who), [id]);
    const edit = await who.edits(phone, timestamp, "may I, please?");
    await stage.event("edit", edit.timestamp);
    return { who, key, timestamp, edited: edit.timestamp, id };
  }

  /** Resolves when all that was to be sent has been, also what is owed from before. */
  async function reconnected() {
    await stage.session.disconnect();
    await stage.session.connect();
    await stage.session.disconnect();
    await stage.session.connect();
  }

  test("wait until it is accepted here, and over a new connection, and are then sent", async () => {
    const { session, world } = stage;
    const { who, key, timestamp, edited, id } = await asks("Kees");
    await reconnected();
    expect(toldTo(who)).toEqual([]);
    const stored = { chat: key.chat, sender: personIdOf(who), id };
    expect(await world.store.networkInbox.receipt(key.login, stored)).toBeDefined();
    session.sink.requests.delete(key.chat);
    await session.client.answerRequest(key.chat, true);
    await who.journal.find("the receipt", () => toldTo(who).length > 0);
    expect(toldTo(who)).toEqual([timestamp, edited]);
  });

  test("are sent when our person accepts on their phone", async () => {
    const { who, timestamp } = await asks("Lot");
    await reconnected();
    expect(toldTo(who)).toEqual([]);
    await stage.phone.answersRequest(who, "ACCEPT");
    await who.journal.find("the receipt", () => toldTo(who).includes(timestamp));
  });

  test("are sent on the same connection when the account's storage alone says that it is accepted", async () => {
    const { world, phone, session } = stage;
    const { who, key, timestamp, edited } = await asks("Nel");
    const { network } = session.login;
    await world.store.write((tx) => tx.portals.add(portal({ ...key, person: personIdOf(who), network })));
    await phone.stores(who, { whitelisted: true });
    await who.journal.find("the receipt", () => toldTo(who).length > 0);
    expect(toldTo(who)).toEqual([timestamp, edited]);
  });

  test("of an edit that comes before its chat has a room goes with the one of its message", async () => {
    const { session, world, phone } = stage;
    const who = await world.mock.person("Oda");
    const key = keyOf(who);
    const { timestamp } = await who.says(phone, "wrong");
    const edit = await who.edits(phone, timestamp, "right");
    const { id } = await stage.event("message", timestamp);
    await stage.event("edit", edit.timestamp);
    await reconnected();
    expect(toldTo(who)).toEqual([]);
    await world.store.write((tx) =>
      tx.messages.add(
        { ...link(id), ...key, sender: personIdOf(who), room: ROOM, event: event(timestamp.toString()) },
        0,
      ),
    );
    session.client.markDelivered(key.chat, personIdOf(who), [id]);
    await eventually("both receipts", () => toldTo(who).length === 2);
    expect(toldTo(who)).toEqual([timestamp, edit.timestamp]);
  });

  test("are never sent where it is declined", async () => {
    const { session } = stage;
    const { who, key } = await asks("Mo");
    await session.client.answerRequest(key.chat, false);
    await reconnected();
    expect(toldTo(who)).toEqual([]);
  });
});
