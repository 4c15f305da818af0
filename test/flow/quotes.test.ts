import { expect, test } from "@jest/globals";
import type { Message } from "../../src/core/model/content.ts";
import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

async function begin() {
  const flow = await OpenFlow.begin();
  flow.world.network.quotes = true;
  return {
    flow,
    /** Ana answers that event; what the network gets as the message that it answers. */
    async answers(replyTo: EventId): Promise<Message["replyTo"]> {
      await flow.does({ kind: "message", message: said("an answer"), replyTo });
      const sent = flow.client.taken.at(-1);
      if (sent?.kind !== "message") throw new Error("nothing was sent");
      expect(sent.message.parts).toEqual(said("an answer").parts);
      return sent.message.replyTo;
    },
    [Symbol.asyncDispose]: () => flow[Symbol.asyncDispose](),
  };
}

test("a reply carries what it answers: the contact's words and our person's, as they are changed", async () => {
  await using at = await begin();
  const { flow } = at;
  expect(await at.answers(flow.hello)).toEqual({ id: "1", own: false, excerpt: "hello" });
  await flow.bram("2", { kind: "edit", target: "1" as MessageId, message: said("hello, Ana") });
  expect(await at.answers(flow.hello)).toMatchObject({ excerpt: "hello, Ana" });
  const mine = await flow.says("my first");
  expect(await at.answers(mine)).toMatchObject({ own: true, excerpt: "my first" });
  await flow.does({ kind: "edit", target: mine, message: said("my second") });
  expect(await at.answers(mine)).toMatchObject({ own: true, excerpt: "my second" });
});

test("of a file it says the kind, the name and the words with it", async () => {
  await using at = await begin();
  const { flow } = at;
  const source = { at: "homeserver", uri: "mxc://example.org/a" } as const;
  const media = { kind: "image", mimetype: "image/png", name: "a.png", source } as const;
  const parts = [{ kind: "media", media, caption: plainText("look") }] as const;
  const picture = await flow.does({ kind: "message", message: { parts } });
  expect(await at.answers(picture)).toMatchObject({
    excerpt: "look",
    file: { kind: "image", mimetype: "image/png", name: "a.png" },
  });
});

test("a long message is cut between characters", async () => {
  await using at = await begin();
  const { client } = at.flow;
  await client.says("Bram", "2", `${"é".repeat(998)}👩‍👩‍👧‍👦 and more`);
  await settle();
  const long = at.flow.events.at(-1)?.event as EventId;
  expect(await at.answers(long)).toMatchObject({ excerpt: "é".repeat(998) });
});

test("nothing of another chat is carried, whichever event the reply names", async () => {
  await using at = await begin();
  const { flow } = at;
  await flow.client.says("Cleo", "c1", "a secret of Cleo's");
  await settle();
  const { room } = await flow.world.portal(ANA, "Cleo");
  const secret = flow.world.homeserver
    .room(room)
    .events.find(({ send }) => send.content["body"] === "a secret of Cleo's");
  expect(secret).toBeDefined();
  expect(await at.answers(secret?.event as EventId)).toBeUndefined();
});

test("a contact's quote, reaction, edit and deletion of a message of another chat reach no room but theirs", async () => {
  await using at = await begin();
  const { flow } = at;
  const target = "1" as MessageId;
  const cleo = (id: string) =>
    ({
      chat: "Cleo" as ChatId,
      sender: "Cleo" as PersonId,
      senderName: "Cleo",
      id: id as MessageId,
      at: 0,
    }) as const;
  const before = flow.events.length;
  const replyTo = { id: target, own: false, excerpt: "what Bram never said" };
  await flow.client.brings(
    { ...cleo("c1"), kind: "message", message: { ...said("see?"), replyTo } },
    { ...cleo("c2"), kind: "reaction", target, own: false, emoji: "👍" },
    { ...cleo("c3"), kind: "edit", target, message: said("forged") },
    { ...cleo("c4"), kind: "delete", target },
  );
  await settle();
  await flow.world.clock.advance(6 * 60_000);
  expect(flow.events).toHaveLength(before);
  const { room } = await flow.world.portal(ANA, "Cleo");
  const { events } = flow.world.homeserver.room(room);
  expect(JSON.stringify(events)).not.toContain(flow.hello);
  expect(flow.world.homeserver.shown(room)).toEqual([
    "Cleo: > what Bram never said\nsee?",
    "bot: Cleo reacted with 👍 to a message that is not in this room.",
    "Cleo: forged",
    "bot: Cleo changed a message that is not in this room. This is what it says now.",
  ]);
  expect(events.at(-1)?.send.content["redacts"]).toBe(events[2]?.event);
});

test("a network that does not ask for it gets the message's name alone", async () => {
  await using at = await begin();
  delete at.flow.world.network.quotes;
  expect(await at.answers(at.flow.hello)).toEqual({ id: "1", own: false });
});
