import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../../src/core/model/ids.ts";
import { chatWith, personOf } from "../../../src/networks/signal/ids.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();

describe("envelopes that come again", () => {
  test("are acknowledged and make nothing, whether they were acknowledged before or not", async () => {
    const { session, world, phone, wim } = stage;
    const { faults } = world.mock.server;
    faults.losesAcks = true;
    const first = await wim.says(phone, "once");
    const second = await wim.says(phone, "and once");
    await stage.event("message", second.timestamp);
    await session.disconnect();
    faults.losesAcks = false;
    await session.connect();
    await Promise.all([first.acknowledged, second.acknowledged].map((each) => each.catch(() => undefined)));
    const third = await wim.says(phone, "after them");
    await stage.event("message", third.timestamp);
    const { events } = session.sink;
    expect(events.filter(({ kind }) => kind === "undecryptable")).toEqual([]);
    expect(session.sink.texts()).toEqual(["once", "and once", "after them"]);
  });
});

describe("times that cannot be", () => {
  test("name a message all the same, at either end of the calendar", async () => {
    const { phone, world } = stage;
    const max = await world.mock.person("Max");
    for (const timestamp of [1, 8_640_000_000_000_000]) {
      await max.says(phone, `at ${timestamp}`, { timestamp });
      const event = await stage.event("message", timestamp);
      expect(event.id).toBe(`${max.aci}/${timestamp}`);
    }
  });

  test("beyond any calendar drop the message, and nobody waits for it", async () => {
    const { session, phone, world } = stage;
    const pim = await world.mock.person("Pim");
    await pim.says(phone, "from nowhen", { timestamp: 8_700_000_000_000_000 });
    const { timestamp } = await pim.says(phone, "from today");
    await stage.event("message", timestamp);
    expect(session.sink.texts()).not.toContain("from nowhen");
    expect(world.log.lines.map(({ message }) => message)).toContain(
      "a message that nobody can be named as the sender of was dropped",
    );
  });
});

describe("what is not a contact's to say", () => {
  test("an edit and a deletion can only name messages of their own author", async () => {
    const { phone, wim, world } = stage;
    const eve = await world.mock.person("Eve");
    const { timestamp } = await wim.says(phone, "mine");
    await stage.event("message", timestamp);
    const edit = await eve.edits(phone, timestamp, "forged");
    expect(await stage.event("edit", edit.timestamp)).toMatchObject({
      chat: chatOf(eve),
      sender: personIdOf(eve),
      target: `${eve.aci}/${timestamp}`,
    });
    const deletion = await eve.deletes(phone, timestamp);
    expect(await stage.event("delete", deletion.timestamp)).toMatchObject({
      target: `${eve.aci}/${timestamp}`,
    });
  });
});

describe("a number", () => {
  /** Somebody whose number alone our person has written to. */
  async function writtenTo(name: string) {
    const { session, world } = stage;
    const person = await world.mock.person(name);
    const number = personOf(person.pni) as PersonId;
    await session.saysIn(chatWith(number), `are you ${name}?`);
    expect(await person.hears(`are you ${name}?`)).toMatchObject({ to: "pni" });
    return { person, number };
  }
  const joinedTo = (person: Person) =>
    stage.session.sink.events.filter(
      ({ kind, sender }) => kind === "joined" && sender === personIdOf(person),
    );

  test("is joined to the account that proves to have it", async () => {
    const { phone } = stage;
    const { person: nia, number } = await writtenTo("Nia");
    const { timestamp } = await nia.says(phone, "I am", { withNumberProof: true });
    await stage.event("message", timestamp);
    expect(await stage.event("joined", timestamp)).toMatchObject({
      chat: chatOf(nia),
      sender: personIdOf(nia),
      was: { chat: chatWith(number), person: number },
    });
  });

  test("that nobody was written to at is not joined by a word of somebody's", async () => {
    const { phone, world } = stage;
    const sly = await world.mock.person("Sly");
    const { timestamp } = await sly.says(phone, "believe me", { withNumberProof: true });
    await stage.event("message", timestamp);
    expect(joinedTo(sly)).toEqual([]);
  });

  test("that another claims, by a proof of their own making or by a copy of its owner's, is not theirs", async () => {
    const { phone, world } = stage;
    const { person: nel, number } = await writtenTo("Nel");
    const eve = await world.mock.person("Eva");
    const [theirs, own] = [await nel.outbox.numberProof(), await eve.outbox.numberProof()];
    const claims = {
      forged: { ...own, pni: theirs.pni },
      replayed: theirs,
      "cut off": { ...theirs, signature: theirs.signature?.slice(1) ?? null },
      unsigned: { ...theirs, signature: null },
    };
    for (const [how, withNumberProof] of Object.entries(claims)) {
      const { timestamp } = await eve.says(phone, how, { withNumberProof });
      expect(await stage.event("message", timestamp)).toMatchObject({ chat: chatOf(eve) });
    }
    expect(joinedTo(eve)).toEqual([]);
    const { timestamp } = await nel.says(phone, "it is mine", { withNumberProof: true });
    expect(await stage.event("joined", timestamp)).toMatchObject({
      sender: personIdOf(nel),
      was: { chat: chatWith(number), person: number },
    });
    await eve.says(phone, "and mine", { withNumberProof: theirs });
    const last = await eve.says(phone, "all mine", { withNumberProof: claims.forged });
    await stage.event("message", last.timestamp);
    expect(joinedTo(eve)).toEqual([]);
  });
});

describe("a quote and a reaction", () => {
  test("that name a message of another chat stay in the chat of who sent them", async () => {
    const { session, phone, wim, world } = stage;
    const eve = await world.mock.person("Ewa");
    const { timestamp } = await wim.says(phone, "between us");
    await stage.event("message", timestamp);
    const target = { author: wim, timestamp, text: "what Wim never said" };
    const quote = await eve.replies(phone, target, "see?");
    expect(await stage.event("message", quote.timestamp)).toMatchObject({
      chat: chatOf(eve),
      sender: personIdOf(eve),
      message: { replyTo: { id: `${wim.aci}/${timestamp}`, own: false, excerpt: "what Wim never said" } },
    });
    const reaction = await eve.reacts(phone, target, "👍");
    expect(await stage.event("reaction", reaction.timestamp)).toMatchObject({ chat: chatOf(eve) });
    const others = session.sink.events.filter(
      ({ chat, sender }) => sender === personIdOf(eve) && chat !== chatOf(eve),
    );
    expect(others).toEqual([]);
  });
});
