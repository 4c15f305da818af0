import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { chatWith, personOf } from "../../../src/networks/signal/ids.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
const said = (text: string) => ({
  kind: "message" as const,
  message: { parts: [{ kind: "text" as const, style: "text" as const, body: plainText(text) }] },
});

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
  test("is joined to the account that proves to have it", async () => {
    const { session, phone, world } = stage;
    const nia = await world.mock.person("Nia");
    const number = personOf(nia.pni) as PersonId;
    const id = session.nextId();
    const open = () => Promise.reject(new Error("no file"));
    const item = { chat: chatWith(number), id, outgoing: said("are you Nia?"), open };
    await session.client.send(item, session.sink.journal(id));
    expect(await nia.hears("are you Nia?")).toMatchObject({ to: "pni" });
    const { timestamp } = await nia.says(phone, "I am", { withNumberProof: true });
    await stage.event("message", timestamp);
    expect(await stage.event("joined", timestamp)).toMatchObject({
      chat: chatOf(nia),
      sender: personIdOf(nia),
      was: { chat: chatWith(number), person: number },
    });
  });

  test("that nobody was written to at is not joined by a word of somebody's", async () => {
    const { session, phone, world } = stage;
    const sly = await world.mock.person("Sly");
    const { timestamp } = await sly.says(phone, "believe me", { withNumberProof: true });
    await stage.event("message", timestamp);
    expect(
      session.sink.events.filter(({ kind, sender }) => kind === "joined" && sender === personIdOf(sly)),
    ).toEqual([]);
  });
});
