import { describe, expect, test } from "@jest/globals";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, RoomId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const DAY = 86_400_000;
const NO_KEY = "bot: ⚠️ Not delivered. Its key has not come.";
const OFFERED =
  "bot: ⚠️ Not delivered. Its key came late, so it can be read only now. Reply to this with “retry” to send it.";
const TO_BOT =
  "bot: The key for this came late, so I can read it only now, and did nothing. Write it again if you still want it.";

/** Ana writes something whose key has not come, in a session of that name. */
async function writes(flow: OpenFlow, session: string, room: RoomId = flow.room): Promise<EventId> {
  const sealed = JSON.stringify({ content: { session_id: session, at: flow.world.newEventId() } });
  return flow.does({ kind: "encrypted", sealed, room });
}

/** Its key comes; `silently`: nobody tells the bridge. */
async function keyComes(flow: OpenFlow, id: EventId, text: string, silently = false): Promise<void> {
  const { world } = flow;
  const { sealed, kind, ...rest } = world.homeserver.written.get(id) as MatrixEvent & { sealed: string };
  const event = { ...rest, kind: "message", message: said(text) } as MatrixEvent;
  world.homeserver.keys.set(sealed, event);
  world.homeserver.written.set(id, event);
  const { content } = JSON.parse(sealed) as { content: { session_id: string } };
  if (!silently) world.bridge.intake.keysCame([content.session_id]);
  await settle();
  expect(kind).toBe("encrypted");
}

const answers = (flow: OpenFlow, to: EventId, text: string) =>
  flow.does({ kind: "message", message: said(text), replyTo: to });
/** The bot's last notice in the chat. */
const noticeOf = ({ world, room }: OpenFlow): EventId => {
  const { timeline } = world.homeserver.room(room);
  const notice = timeline.findLast(
    ({ sender, type }) => sender === world.homeserver.bot && type === "m.room.message",
  );
  return notice?.event_id as EventId;
};
const sent = ({ client }: OpenFlow): string[] => Array.from(client.received.values());

describe("a message whose key comes late", () => {
  test("is offered, sent by its person's word, and once", async () => {
    await using flow = await OpenFlow.begin();
    const first = await writes(flow, "one");
    const other = await writes(flow, "other");
    expect(flow.notices).toContain(NO_KEY);
    await keyComes(flow, first, "the first");
    expect(flow.last).toBe(OFFERED);
    expect(sent(flow)).toEqual([]);
    flow.world.bridge.intake.keysCame(["one"]);
    await settle();
    expect(flow.notices.filter((line) => line === OFFERED)).toHaveLength(1);
    await answers(flow, first, "retry");
    expect(sent(flow)).toEqual(["the first"]);
    await answers(flow, first, "retry");
    expect(sent(flow)).toEqual(["the first"]);
    // The other still waits.
    for (const to of [other, noticeOf(flow)]) {
      await answers(flow, to, "retry");
      expect(flow.last).toMatch(/The key for it has not come yet/);
    }
    expect(sent(flow)).toEqual(["the first"]);
  });

  test("is sent behind those that were written before it, by the command", async () => {
    await using flow = await OpenFlow.begin();
    const events = [await writes(flow, "s"), await writes(flow, "s"), await writes(flow, "s")];
    for (const [index, id] of events.entries()) await keyComes(flow, id, `number ${index}`, true);
    flow.world.bridge.intake.keysCame(["s"]);
    await settle();
    expect(flow.notices.filter((line) => line === OFFERED)).toHaveLength(3);
    expect(await flow.asks("failures")).toContain("Bram");
    await flow.asks("retry whatsapp Bram");
    expect(sent(flow)).toEqual(["number 0", "number 1", "number 2"]);
  });

  test("waits over restarts, also where the key came while the bridge was off", async () => {
    await using flow = await OpenFlow.begin();
    const id = await writes(flow, "one");
    await flow.world.restart();
    expect(flow.last).toBe(NO_KEY);
    await keyComes(flow, id, "after all", true);
    await flow.world.crash();
    await flow.world.restart();
    await settle();
    expect(flow.last).toBe(OFFERED);
    await flow.world.restart();
    await answers(flow, id, "retry");
    expect(Array.from(flow.world.network.clientOf(ANA).received.values())).toEqual(["after all"]);
  });

  test("is not waited for longer than a week", async () => {
    await using flow = await OpenFlow.begin();
    const id = await writes(flow, "one");
    await flow.world.clock.advance(7 * DAY + 1);
    await keyComes(flow, id, "too late");
    expect(flow.notices).not.toContain(OFFERED);
    await answers(flow, noticeOf(flow), "retry");
    expect(flow.last).toMatch(/That does not wait to be sent again/);
    expect(sent(flow)).toEqual([]);
  });

  test("that was meant for the bot is to be written again, in the chat and in the chat with the bot", async () => {
    await using flow = await OpenFlow.begin();
    const inChat = await writes(flow, "one");
    await keyComes(flow, inChat, "!wa logout");
    expect(flow.last).toBe(TO_BOT);
    const toBot = await writes(flow, "two", flow.management);
    await keyComes(flow, toBot, "disable whatsapp");
    expect(flow.world.homeserver.shown(flow.management).at(-1)).toBe(TO_BOT);
    expect(await flow.world.store.logins.of(ANA, flow.world.network.id)).toMatchObject([{ state: "active" }]);
    expect(sent(flow)).toEqual([]);
  });

  test("is forgotten with the chat's login", async () => {
    await using flow = await OpenFlow.begin();
    const id = await writes(flow, "one");
    const [login] = await flow.world.store.logins.of(ANA, flow.world.network.id);
    expect(await flow.world.store.records.all(`login/${login?.id}/unread`)).toHaveLength(1);
    await flow.asks("disable whatsapp yes");
    expect(await flow.world.store.records.all(`login/${login?.id}/unread`)).toEqual([]);
    await keyComes(flow, id, "nothing");
    expect(flow.notices).not.toContain(OFFERED);
  });
});
