import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import type { RoomEvent } from "../../tools/matrix/sync-response.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import type { TestPerson } from "../kit/world.ts";

const textOf = (event: RoomEvent): string => String(event.content["body"]);
const says = (text: string) => (event: RoomEvent) =>
  event.type === "m.room.message" && textOf(event) === text;

describe("text, on a real Synapse", () => {
  const here = onSynapse({ secrets: [] });
  let ana: TestPerson;
  let bo: TestPerson;
  let wim: Phone;
  let mara: Phone;

  beforeAll(async () => {
    ana = await here.world.person("Ana");
    bo = await here.world.person("Bo");
    wim = await here.world.contact("whatsapp", "Wim Bezoeker");
    mara = await here.world.contact("messenger", "Mara Vondel");
  });

  async function firstMessage(phone: Phone, to: TestPerson, text: string): Promise<RoomEvent> {
    const shown = to.client.next(`“${text}”`, says(text));
    await phone.says(to.userId, text);
    return shown;
  }

  test("a first message makes the portal once, with the contact's name, and the answer comes back", async () => {
    const first = await firstMessage(wim, ana, "Hi Ana, first message");
    const second = await firstMessage(wim, ana, "and a second");
    expect(second.roomId).toBe(first.roomId);
    const member = await ana.client.state(first.roomId, "m.room.member", first.sender);
    expect(member["displayname"]).toMatch(/^Wim Bezoeker/);

    const { next } = await wim.inbox();
    await ana.client.say(first.roomId, "Hello Wim");
    const item = await wim.hears("Hello Wim", { since: next });
    expect(item).toMatchObject({ from: ana.userId, kind: "text" });
  });

  test("both networks, each in its own room", async () => {
    const { roomId: whatsapp } = await firstMessage(wim, ana, "from WhatsApp");
    const { roomId: messenger } = await firstMessage(mara, ana, "from Messenger");
    expect(messenger).not.toBe(whatsapp);
    const { next } = await mara.inbox();
    await ana.client.say(messenger, "to Messenger");
    await mara.hears("to Messenger", { since: next });
  });

  test("formatting and links cross both ways", async () => {
    const shown = ana.client.next("formatted text", (event) =>
      String(event.content["formatted_body"]).includes("bold"),
    );
    await wim.says(ana.userId, "*bold* _slanted_ ~gone~ https://example.org/a?b=1&c=2");
    const event = await shown;
    expect(textOf(event)).toContain("https://example.org/a?b=1&c=2");
    const html = String(event.content["formatted_body"]);
    expect(html).toMatch(/<(strong|b)>bold<\/\1>/);
    expect(html).toMatch(/<(em|i)>slanted<\/\1>/);
    expect(html).toMatch(/<(del|s)>gone<\/\1>/);

    const { next } = await wim.inbox();
    await ana.client.send(event.roomId, "m.room.message", {
      msgtype: "m.text",
      body: "strong soft",
      format: "org.matrix.custom.html",
      formatted_body: '<strong>strong</strong> <em>soft</em> <a href="https://example.org/x">there</a>',
    });
    const item = await wim.shows("the formatted answer", ({ text }) => text?.includes("soft") === true, {
      since: next,
    });
    expect(item.text).toContain("*strong* _soft_");
    expect(item.text).toContain("https://example.org/x");
  });

  test("two people never see each other's chats with the same contact", async () => {
    const toAna = await firstMessage(wim, ana, "only for Ana");
    const toBo = await firstMessage(wim, bo, "only for Bo");
    expect(toBo.roomId).not.toBe(toAna.roomId);
    expect(bo.client.timeline.some(says("only for Ana"))).toBe(false);
    expect(ana.client.timeline.some(says("only for Bo"))).toBe(false);
    await expect(bo.client.history(toAna.roomId)).rejects.toThrow("403");

    const { next } = await wim.inbox();
    await bo.client.say(toBo.roomId, "Bo answers");
    expect(await wim.hears("Bo answers", { since: next })).toMatchObject({ from: bo.userId });
  });

  test("a text over the network's limit is refused by a reply to that very message", async () => {
    const { roomId } = await firstMessage(wim, ana, "write me a book");
    const long = "x".repeat(65_000 - 2000);
    const reply = ana.client.next("the refusal", ({ content }) => {
      const relation = content["m.relates_to"] as { "m.in_reply_to"?: { event_id?: string } } | undefined;
      return relation?.["m.in_reply_to"]?.event_id !== undefined && content["msgtype"] === "m.notice";
    });
    await here.world.control.call("POST", "/networks/whatsapp", { limits: { text: 1000 } });
    const sent = await ana.client.say(roomId, long);
    const { content } = await reply;
    expect(content["m.relates_to"]).toMatchObject({ "m.in_reply_to": { event_id: sent } });
    expect(String(content["body"])).toMatch(/up to 1000/);
  });

  test("a contact who turned third-party chats off is named as not reachable, on that very message", async () => {
    const tom = await here.world.contact("whatsapp", "Tom Wegloper");
    const { roomId } = await firstMessage(tom, ana, "I am leaving");
    await tom.does("turnsOff");
    const reply = ana.client.next(
      "the refusal",
      ({ roomId: room, content }) =>
        room === roomId && content["msgtype"] === "m.notice" && "m.relates_to" in content,
    );
    const sent = await ana.client.say(roomId, "are you still there?");
    const { content } = await reply;
    expect(content["m.relates_to"]).toMatchObject({ "m.in_reply_to": { event_id: sent } });
    expect(String(content["body"])).toMatch(/reach|third-party chats/i);
  });

  test("start-chat finds a contact by phone number, and says so when there is none", async () => {
    const eva = await here.world.contact("whatsapp", "Eva Zoeker");
    const invited = ana.client.next(
      "the portal",
      ({ type, content }) =>
        type === "m.room.member" && String(content["displayname"]).startsWith("Eva Zoeker"),
    );
    await askBot(ana.client, here.world.botId, ana.management, `start-chat whatsapp ${eva.externalId}`, /./);
    const { roomId } = await invited;
    await ana.client.say(roomId, "Hello Eva, you do not know me yet");
    await eva.hears("Hello Eva, you do not know me yet");
    const answer = await askBot(
      ana.client,
      here.world.botId,
      ana.management,
      "start-chat whatsapp +31600000001",
      /./,
    );
    expect(answer).toMatch(/not|nobody|no one/i);
  });

  test("a person who turned nothing on is told what to do, and cannot be written to", async () => {
    const cleo = await here.world.person("Cleo", []);
    const answer = await askBot(
      cleo.client,
      here.world.botId,
      cleo.management,
      "start-chat whatsapp +31612340001",
      /enable/i,
    );
    expect(answer).toMatch(/enable whatsapp/i);
    await expect(wim.says(cleo.userId, "hello?")).rejects.toThrow();
  });

  test("after disable nothing more arrives", async () => {
    const dora = await here.world.person("Dora", ["whatsapp"]);
    await firstMessage(wim, dora, "before");
    await askBot(dora.client, here.world.botId, dora.management, "disable whatsapp yes", /./);
    const users = await here.world.control.users();
    expect(users.filter(({ visible_id, connected }) => visible_id === dora.userId && connected)).toEqual([]);
  });

  test("neither names, numbers, texts nor tokens are in the logs", async () => {
    const { as, hs } = here.world.world.tokens;
    await firstMessage(wim, ana, "canary-5f1d in a message");
    expect(
      here.world.leaked([
        "canary-5f1d",
        "Wim Bezoeker",
        "Mara Vondel",
        wim.externalId.replace("+", ""),
        as,
        hs,
      ]),
    ).toEqual([]);
  });
});
