import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";

const here = anaOnSynapse({ secrets: ["Tess Teken"] });

describe.each(networkNames)("typing and receipts on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Tess Teken ${network}`);
  });

  const types = (typing: boolean): Promise<unknown> => {
    const path = `v3/rooms/${encodeURIComponent(chat.room)}/typing/${encodeURIComponent(here.ana.userId)}`;
    return here.ana.client.call("PUT", path, typing ? { typing, timeout: 20_000 } : { typing });
  };
  const reads = (event: string): Promise<unknown> => {
    const path = `v3/rooms/${encodeURIComponent(chat.room)}/receipt/m.read/${encodeURIComponent(event)}`;
    return here.ana.client.call("POST", path, {});
  };

  test.each([false, true])(
    "the room shows the contact typing (recording a voice note: %p)",
    async (voice) => {
      await chat.does("types", { on: true, ...(voice ? { voice } : {}) });
      await chat.until("the contact typing", ({ typing }) => typing.includes(chat.ghost));
      await chat.does("types", { on: false });
      await chat.until("the contact pausing", ({ typing }) => typing.length === 0);
    },
  );

  test("the phone shows our person typing, and pausing", async () => {
    await types(true);
    const item = await chat.shows("typing", ({ kind, on }) => kind === "typing" && on === true);
    expect(item.from).toBe(here.ana.userId);
    await types(false);
    await chat.shows("a pause", ({ kind, on, seq }) => kind === "typing" && on === false && seq > item.seq);
  });

  test("the bot's receipt says that the network has it, the contact's that it was read", async () => {
    const { event, id } = await chat.said("did you get this?");
    await chat.until("the bot's receipt", ({ readUpTo }) => readUpTo[here.world.botId] === event);
    await chat.phone.does("reads", { target: id });
    await chat.until("the contact's receipt", ({ readUpTo }) => readUpTo[chat.ghost] === event);
  });

  test("the phone sees that its message was delivered, and read", async () => {
    const id = await chat.does("says", { text: "did you?" });
    const receipt = (wanted: string) => (item: { kind: string; receipt?: string; target?: string }) =>
      item.kind === "receipt" && item.receipt === wanted && item.target === id;
    await chat.shows("the delivery", receipt("delivered"));
    await reads((await chat.text("did you?")).id);
    await chat.shows("the reading", receipt("read"));
  });

  test("who has read a notice of the bot's, a reaction or their own message has read all before it", async () => {
    const said = (text: string) => chat.does("says", { text });
    const seen = async (ids: readonly string[]): Promise<void> => {
      for (const id of ids) {
        await chat.shows(
          `the reading of ${id}`,
          ({ kind, receipt, target }) => kind === "receipt" && receipt === "read" && target === id,
        );
      }
    };
    const first = [await said("one of them"), await said("another of them")];
    const { id: about } = await chat.text("another of them");
    const refused = await chat.send({ msgtype: "com.example.new", body: "" });
    await reads((await chat.notice(/cannot be sent an empty message/, refused)).id);
    await seen(first);
    const second = [await said("one behind it")];
    await chat.text("one behind it");
    await reads(await chat.react(about, "👍"));
    await seen(second);
    const third = [await said("one more")];
    await chat.text("one more");
    await reads((await chat.said("read it")).event);
    await seen(third);
  });

  test("who keeps read receipts to themselves is not shown to read", async () => {
    expect(await chat.asks("receipts off", /no longer see/)).toBeTruthy();
    const secret = await chat.does("says", { text: "have you read this?" });
    await reads((await chat.text("have you read this?")).id);
    // Receipts go out in order: when a later one is there, this one would be.
    await types(true);
    await chat.stillWorks();
    await types(false);
    await chat.asks("receipts on", /see when/);
    const open = await chat.does("says", { text: "and this?" });
    await reads((await chat.text("and this?")).id);
    const read = ({ kind, receipt }: { kind: string; receipt?: string }) =>
      kind === "receipt" && receipt === "read";
    await chat.shows("the reading of the later one", (item) => read(item) && item.target === open);
    const { items } = await chat.phone.inbox();
    expect(items.filter((item) => read(item) && item.target === secret)).toEqual([]);
  });

  test("where the network switched typing and receipts off, none is sent", async () => {
    const features = { typing: false, receipts: false };
    await here.world.control.call("POST", `/networks/${network}`, { features });
    await chat.asks(`capabilities ${network}`, /typing: no\n• receipts: no/);
    const { next } = await chat.phone.inbox();
    await types(true);
    const id = await chat.does("says", { text: "quiet now" });
    await reads((await chat.text("quiet now")).id);
    await chat.stillWorks();
    await types(false);
    const { items } = await chat.phone.inbox(next);
    expect(items.filter(({ kind }) => kind === "typing")).toEqual([]);
    expect(items.filter(({ receipt, target }) => receipt === "read" && target === id)).toEqual([]);
    const back = { features: { typing: true, receipts: true } };
    await here.world.control.call("POST", `/networks/${network}`, back);
    await chat.asks(`capabilities ${network}`, /typing: yes/);
  });
});

test("a client that shows what became of each message is told: there, failed and why, sent again, delivered", async () => {
  const chat = await here.chat("whatsapp", "Tess Tekenaar");
  // Beeper's clients leave such keys in what they write.
  const says = (body: string) => chat.send({ msgtype: "m.text", body, "com.beeper.linkpreviews": [] });
  const told = (about: string, status: string, people?: number) =>
    chat.event(`${status} of ${about}`, ({ type, sender, content }) => {
      const { rel_type: how, event_id: of } = Object(content["m.relates_to"]);
      const to = content["delivered_to_users"] as readonly string[] | undefined;
      const isIt = type === "com.beeper.message_send_status" && sender === here.world.botId;
      return (
        isIt && how === "m.reference" && of === about && content["status"] === status && to?.length === people
      );
    });
  const first = await says("there?");
  expect((await told(first, "SUCCESS", 1)).content["delivered_to_users"]).toEqual([chat.ghost]);
  await chat.phone.does("turnsOff");
  const lost = await says("and now?");
  const { content } = await told(lost, "FAIL_RETRIABLE");
  expect(content["reason"]).toBe("m.foreign_network_error");
  const notice = await chat.notice(/Not delivered.*“retry”/, lost);
  expect(String(notice.content["body"])).toContain(String(content["message"]));
  await chat.asks("failures", /1 message, .*“retry whatsapp Tess Tekenaar”/);
  await chat.phone.does("turnsOn");
  await chat.reply(notice.id, { msgtype: "m.text", body: "retry" });
  await told(lost, "PENDING");
  await chat.heard("and now?");
  await told(lost, "SUCCESS", 1);
  await chat.asks("failures", /Nothing you wrote waits to be sent again/);
  const { items } = await chat.phone.inbox();
  expect(items.filter(({ kind, text }) => kind === "text" && text === "retry")).toEqual([]);
});
