import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Outgoing, RemoteEvent } from "../../../src/core/model/events.ts";
import type { MessageId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import type { Json } from "../../../tools/matrix/api.ts";
import type { Phone } from "../../../tools/sandbox/control.ts";
import { contactOf } from "../../kit/contact-of.ts";
import { type Connected, InteropWorld } from "../../kit/interop-world.ts";

const ana = "@ana:example.org";
const uri = "mxc://example.org/1";
const message = (body: string): Outgoing => ({
  kind: "message",
  message: { parts: [{ kind: "text", style: "text", body: plainText(body) }] },
});

describe.each(["whatsapp", "messenger"] as const)("with %s's gatekeeper", (network) => {
  let world: InteropWorld;
  let phone: Phone;
  let us: Connected;
  let count = 0;
  const contact = { whatsapp: { phone: "+31612345678" }, messenger: { username: "mara.m" } }[network];
  beforeEach(async () => {
    world = await InteropWorld.start();
    phone = await world.control.addContact({ network, name: "Mara", apps: [12], optedIn: true, ...contact });
    us = await world.join(ana, network);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  async function send(outgoing: Outgoing, file: Uint8Array = new Uint8Array(0)): Promise<MessageId> {
    const found = await us.client.find(phone.externalId);
    if (found.kind !== "found") throw new Error(found.words);
    count += 1;
    const id = `AA${count}` as MessageId;
    us.sink.sent.set(id, outgoing);
    const open = () => world.workshop.file(file);
    await us.client.send({ chat: found.contact.chat, id, outgoing, open }, us.sink.journal(id));
    return id;
  }
  const arrives = <K extends RemoteEvent["kind"]>(kind: K, id: string) =>
    us.sink.until(`${kind} ${id}`, () =>
      us.sink.events.find(
        (event): event is Extract<RemoteEvent, { kind: K }> => event.kind === kind && event.id === id,
      ),
    );
  const shows = (kind: string, id: string) =>
    phone.shows(`${kind} ${id}`, (item) => item.kind === kind && item.id === id);
  const png = () =>
    sharp({ create: { width: 60, height: 40, channels: 3, background: "#336699" } })
      .png()
      .toBuffer();

  test("pictures cross both ways, byte for byte", async () => {
    const file = await png();
    const said = {
      to: ana,
      as: "image",
      media: file.toString("base64"),
      mimetype: "image/png",
      caption: "*see*",
    };
    const event = await arrives("message", await phone.does("sends", said));
    const [part] = event.message.parts;
    if (part?.kind !== "media" || part.media.source.at !== "network") throw new Error("no picture");
    expect(part).toMatchObject({ media: { kind: "image", width: 60 }, caption: { text: "see" } });
    await using fetched = await us.client.openMedia?.(part.media.source.ref);
    const chunks: Uint8Array[] = [];
    for await (const chunk of fetched?.read() ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(file)).toBe(true);

    const media = { kind: "image", source: { at: "homeserver", uri }, mimetype: "image/png" } as const;
    const out = { kind: "media", media, caption: plainText("look") } as const;
    const id = await send({ kind: "message", message: { parts: [out] } }, file);
    expect(await shows("image", id)).toMatchObject({
      caption: "look",
      width: 60,
      height: 40,
      media: { size: file.length, mimetype: "image/png" },
    });
    expect(await world.violations()).toEqual([]);
  });

  test("answers, reactions, edits and deletes cross both ways", async () => {
    const first = await phone.says(ana, "one");
    await arrives("message", first);
    const quote = { id: first as MessageId, own: false, excerpt: "one" };
    const text = { kind: "text", style: "text", body: plainText("two") } as const;
    const mine = await send({ kind: "message", message: { parts: [text], replyTo: quote } });
    expect(await shows("text", mine)).toMatchObject({ text: "two", target: first });
    const answer = await arrives(
      "message",
      await phone.does("says", { to: ana, text: "three", target: mine }),
    );
    expect(answer.message.replyTo).toEqual({ id: mine, own: true, excerpt: "two" });

    const reacted = await arrives(
      "reaction",
      await phone.does("reacts", { to: ana, target: mine, emoji: "👍🏽" }),
    );
    expect(reacted).toMatchObject({ target: mine, own: true, emoji: "👍🏽" });
    const heart = await send({ kind: "reaction", target: first as MessageId, own: false, emoji: "❤️" });
    expect(await shows("reaction", heart)).toMatchObject({ target: first, emoji: "❤️" });
    const back = await send({ kind: "reaction", target: first as MessageId, own: false, emoji: "" });
    expect(await shows("reaction", back)).toMatchObject({ target: first, emoji: "" });

    const edited = await arrives(
      "edit",
      await phone.does("edits", { to: ana, target: first, text: "*uno*" }),
    );
    expect(edited).toMatchObject({ target: first, message: { parts: [{ body: { text: "uno" } }] } });
    const change = await send({
      kind: "edit",
      target: mine,
      message: { parts: [{ ...text, body: plainText("zwei") }] },
    });
    expect(await shows("edit", change)).toMatchObject({ target: mine, text: "zwei" });
    expect(await arrives("delete", await phone.does("deletes", { to: ana, target: first }))).toMatchObject({
      target: first,
    });
    const gone = await send({ kind: "delete", target: mine });
    expect(await shows("delete", gone)).toMatchObject({ target: mine });
    expect(await world.violations()).toEqual([]);
  });

  test("places, cards, and what the network shares with nobody", async () => {
    const does = (kind: string) => phone.does("sendsOther", { to: ana, kind });
    expect(await arrives("message", await does("location"))).toMatchObject({
      message: { parts: [{ kind: "location" }] },
    });
    expect(await arrives("message", await does("contact"))).toMatchObject({
      message: { parts: [{ kind: "contact" }] },
    });
    expect(await arrives("message", await does("poll"))).toMatchObject({
      message: { parts: [{ kind: "text" }] },
    });
    expect(await arrives("message", await does("sticker"))).toMatchObject({
      message: { parts: [{ kind: "media" }] },
    });
    expect(await arrives("excluded", await does("status"))).toMatchObject({ what: "status" });
    expect(await arrives("excluded", await does("disappearing"))).toMatchObject({ what: "disappearing" });
    expect(await arrives("excluded", await does("viewOnce"))).toMatchObject({ what: "view-once" });
    expect(await arrives("unsupported", await does("unknown"))).toMatchObject({ raw: expect.any(String) });
    await does("call");
    await us.sink.until("the call", () => us.sink.events.find(({ kind }) => kind === "call"));
    const place = { kind: "location", latitude: 52.5, longitude: 4.9, name: "Dam" } as const;
    expect(
      await shows("location", await send({ kind: "message", message: { parts: [place] } })),
    ).toMatchObject({ name: "Dam" });
    const card = { kind: "contact", name: "Bo", vcard: "BEGIN:VCARD\r\nFN:Bo\r\nEND:VCARD" } as const;
    await shows("contact", await send({ kind: "message", message: { parts: [card] } }));
    expect(await world.violations()).toEqual([]);
  });

  test("typing, read and played are told both ways", async () => {
    const id = await phone.says(ana, "one");
    const event = await arrives("message", id);
    us.client.markDelivered?.(event.chat, contactOf(event), [event.id]);
    us.client.markRead?.(event.chat, contactOf(event), [event.id], "read");
    await phone.shows(
      "read",
      ({ kind, receipt, target }) => kind === "receipt" && receipt === "read" && target === id,
    );
    us.client.setTyping?.(event.chat, true, true);
    const typing = await phone.shows("typing", ({ kind }) => kind === "typing");
    expect(typing).toMatchObject({ on: true, voice: true });
    await phone.does("types", { to: ana, on: true, voice: true });
    await us.sink.until("typing", () => us.sink.signals.find(({ active, voice }) => active && voice));
    const mine = await send(message("two"));
    await phone.does("reads", { to: ana, target: mine });
    await us.sink.until("read", () =>
      us.sink.receipts.find(({ kind, ids }) => kind === "read" && ids.includes(mine)),
    );
    await phone.does("plays", { to: ana, target: mine });
    await us.sink.until("played", () => us.sink.receipts.find(({ kind }) => kind === "played"));
    expect(await world.violations()).toEqual([]);
  });

  test("what is granted changes in mid-chat, and withdrawal is told from coming back", async () => {
    const id = (await phone.says(ana, "one")) as MessageId;
    await arrives("message", id);
    expect(us.client.capabilities()).toMatchObject({ reactions: true, media: { file: { mimetypes: [] } } });
    const change = (body: Json) => world.control.call("POST", `/networks/${network}`, body);
    await change({ features: { reactions: false }, limits: { text: 5 } });
    await us.sink.until("less", () => !us.client.capabilities().reactions);
    const reaction = send({ kind: "reaction", target: id, own: false, emoji: "x" });
    await expect(reaction).rejects.toMatchObject({ reason: "unsupported" });
    await expect(send(message("longer"))).rejects.toMatchObject({ reason: "too-large" });
    await change({ ended: true });
    await us.sink.until("the end", () => us.sink.endings[0]);
    await change({ ended: false });
    await us.sink.until("the return", () => us.sink.endings[1]);
    expect(us.sink.endings).toEqual([{ kind: "withdrawn", words: expect.any(String) }, "resumed"]);
    await change({ integrators: { "12": { status: "removed" } } });
    await us.sink.until("the removal", () => us.sink.endings[2]);
    expect(us.sink.endings[2]).toMatchObject({ kind: "removed" });
  });

  test("the safety number is the phone's; block and report reach the network", async () => {
    const event = await arrives("message", await phone.says(ana, "one"));
    const { id, at, chat } = event;
    const sender = contactOf(event);
    const safety = await us.client.safetyNumber?.(sender);
    const shown = await world.control.call(
      "GET",
      `/people/${phone.person}/safety?with=${encodeURIComponent(ana)}`,
    );
    expect(safety?.digits).toBe(shown["number"]);
    expect(safety?.digits).toMatch(/^\d{60}$/);
    expect(safety?.scannable.length).toBeGreaterThan(60);
    expect(await us.client.safetyNumber?.("1@nowhere" as typeof sender)).toBeUndefined();
    await us.client.report?.(sender, [{ id, at, text: "one" }]);
    const { reports } = await world.control.call("GET", "/reports");
    expect(JSON.stringify(reports)).toContain(sender);
    await us.client.setBlocked?.(sender, true);
    await phone.says(ana, "blocked").catch(() => undefined);
    await us.client.setBlocked?.(sender, false);
    await arrives("message", await phone.says(ana, "unblocked"));
    expect(us.sink.texts()).toEqual(["one", "unblocked"]);
    await phone.does("leaves");
    const left = await us.sink.until("leaving", () =>
      us.sink.events.find(({ kind }) => kind === "reachability"),
    );
    expect(left).toMatchObject({ chat, state: expect.stringMatching(/^(?:gone|off)$/) });
    expect(await world.violations()).toEqual([]);
  });
});
