import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { MessageId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { contactOf } from "../../kit/contact-of.ts";
import { InteropWorld } from "../../kit/interop-world.ts";
import { noFiles } from "../../kit/media-workshop.ts";

const text = (body: string) =>
  ({
    kind: "message",
    message: { parts: [{ kind: "text", style: "text", body: plainText(body) }] },
  }) as const;

describe.each([
  ["whatsapp", { name: "Wim", phone: "+31612345678" }, "+31 6 1234 5678"],
  ["messenger", { name: "Mara", username: "mara.m" }, "mara.m"],
] as const)("%s", (network, contact, typed) => {
  let world: InteropWorld;
  beforeAll(async () => {
    world = await InteropWorld.start();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test("carries text both ways", async () => {
    const phone = await world.control.addContact({ network, apps: [12], optedIn: true, ...contact });
    const { client, sink } = await world.join("@ana:example.org", network);

    await phone.says("@ana:example.org", "hello *there*");
    const event = await sink.until("the message", () => sink.events[0]);
    expect(event).toMatchObject({
      kind: "message",
      senderName: contact.name,
      message: {
        parts: [{ body: { text: "hello there", spans: [{ start: 6, end: 11, style: { kind: "bold" } }] } }],
      },
    });
    client.markDelivered?.(event.chat, contactOf(event), [event.id]);

    const found = await client.find(typed);
    expect(found).toMatchObject({
      kind: "found",
      contact: { name: contact.name, reachability: "reachable" },
    });
    if (found.kind !== "found") return;
    const id = "AAAA01" as MessageId;
    await client.send(
      { chat: found.contact.chat, id, outgoing: text("hi back"), open: noFiles },
      sink.journal(id),
    );
    const shown = await phone.hears("hi back");
    expect(shown).toMatchObject({ id, from: "@ana:example.org" });
    await sink.until("the delivery receipt", () => sink.receipts[0]);
    const { chat, person } = found.contact;
    expect(sink.receipts[0]).toEqual({ chat, person, kind: "delivered", ids: [id] });
    await phone.shows("our receipt", (item) => item.kind === "receipt" && item.target === event.id);
    expect(await world.violations()).toEqual([]);
  });
});
