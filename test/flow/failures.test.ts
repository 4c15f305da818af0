import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { isMarked, noticesAbout, statusesOf } from "../kit/shown-outcomes.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;
const NOTICE = "⚠️ Not delivered. Bram turned it off. Reply to this with “retry” to send it again.";
const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

/** Ana writes something that the network refuses. */
async function fails(flow: OpenFlow, text: string, error = refused): Promise<EventId> {
  flow.client.faults.push({ when: "before", error });
  return flow.says(text);
}

const answers = (flow: OpenFlow, replyTo: EventId, word: string): Promise<EventId> =>
  flow.does({ kind: "message", message: said(word), replyTo });

describe("what a person asks for at a message that failed", () => {
  test("by a reply to its notice, or to it, is done, and goes to no contact", async () => {
    await using flow = await OpenFlow.begin();
    const [one, two] = [await fails(flow, "one"), await fails(flow, "two")];
    const notice = flow.events.find(({ send }) => String(send.content["body"]).startsWith("⚠️"))?.event;
    expect(flow.last).toBe(
      "bot: ⚠️ Not delivered. Bram turned it off. Reply to this with “retry” to send it again.",
    );
    await flow.does({ kind: "message", message: said("Retry "), replyTo: notice as EventId });
    expect(Array.from(flow.client.received.values())).toEqual(["one"]);
    expect(noticesAbout(flow, one)).toEqual(["It is on its way again."]);
    await flow.does({ kind: "message", message: said("discard"), replyTo: two });
    expect(flow.last).toBe("bot: It will not be sent.");
    expect(await flow.asks("failures")).toBe("bot: Nothing you wrote waits to be sent again.");
    await flow.does({ kind: "message", message: said("retry"), replyTo: two });
    await flow.does({ kind: "message", message: said("retry"), replyTo: flow.hello });
    await flow.does({ kind: "message", message: said("retry") });
    expect(Array.from(flow.client.received.values())).toEqual(["one", "two", "retry", "retry"]);
  });

  test("goes to no contact either once it is out of date, or where it answers what the bot said of something else", async () => {
    await using flow = await OpenFlow.begin();
    const one = await fails(flow, "one");
    const newest = () =>
      flow.events.findLast(({ send }) => String(send.content["body"]).startsWith("⚠️"))?.event;
    const notice = newest() as EventId;
    await answers(flow, notice, "retry");
    const refusedOutright = await flow.does({ kind: "unsupported", what: "a poll" });
    expect(noticesAbout(flow, refusedOutright)).toHaveLength(1);
    for (const [target, word] of [
      [notice, "retry"],
      [notice, "“Discard”."],
      [one, "retry"],
      [newest() as EventId, "retry"],
    ] as const) {
      const event = await answers(flow, target, word);
      expect(noticesAbout(flow, event)).toEqual([
        "That does not wait to be sent again, so I did nothing. What you answered was taken as meant for me, and was not sent to the chat.",
      ]);
    }
    const two = await flow.says("two");
    for (const [target, word] of [
      [two, "retry"],
      [flow.hello, "discard"],
      [notice, "retry it, please"],
    ] as const)
      await answers(flow, target, word);
    expect(Array.from(flow.client.received.values())).toEqual([
      "one",
      "two",
      "retry",
      "discard",
      "retry it, please",
    ]);
  });

  test("that the network no longer takes is said each time, not only where the reason was said", async () => {
    await using flow = await OpenFlow.begin();
    const event = await fails(flow, "far too long");
    flow.client.granted = { ...flow.client.granted, text: 10 };
    for (const time of [1, 2]) {
      const asked = await answers(flow, event, "retry");
      expect([time, noticesAbout(flow, asked)]).toEqual([
        time,
        ["It cannot be sent as it is; the reason is above."],
      ]);
    }
    expect(flow.client.received.size).toBe(0);
  });

  test("is done for an edit that became a message of its own too, as the answer it was", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.state = { kind: "waiting", words: "away." };
    const target = await flow.does({ kind: "message", message: said("words"), replyTo: flow.hello });
    flow.client.faults.push({ when: "before", error: refused });
    const place = { parts: [{ kind: "location", latitude: 1, longitude: 2 }] } as const;
    await flow.does({ kind: "edit", target, message: place });
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(90_000);
    expect(flow.client.received.size).toBe(0);
    expect(await flow.asks("failures")).toContain("Bram on WhatsApp: 1 message, 1 minute ago.");
    await answers(flow, target, "retry");
    expect(flow.client.taken).toMatchObject([
      { kind: "message", message: { ...place, replyTo: { id: "1", own: false } } },
    ]);
    expect(await flow.asks("failures")).toBe("bot: Nothing you wrote waits to be sent again.");
  });

  test("by sending it again from their client is done in the message's place, and its status says so", async () => {
    await using flow = await OpenFlow.begin();
    await flow.asks("statuses on");
    const event = await fails(flow, "one");
    await flow.asks("block whatsapp Bram");
    const again = () => flow.does({ kind: "message", message: said("one"), retryOf: event });
    const blocked = await again();
    expect(noticesAbout(flow, blocked)).toEqual([
      "Nothing was sent. You have blocked Bram. Write “unblock whatsapp Bram” to the bot to lift that.",
    ]);
    await flow.asks("unblock whatsapp Bram");
    const by = await again();
    expect(Array.from(flow.client.received.values())).toEqual(["one"]);
    expect(statusesOf(flow, event).slice(1)).toEqual([
      { status: "PENDING", last_retry: by },
      { status: "SUCCESS", delivered_to_users: [], last_retry: by },
    ]);
    // What arrived is not sent twice; what is not known here is a message like any other.
    await again();
    await flow.does({ kind: "message", message: said("two"), retryOf: "$unknown" as EventId });
    expect(Array.from(flow.client.received.values())).toEqual(["one", "two"]);
  });
});

describe("what could not be delivered", () => {
  test("is listed by chat, with when, why and what to type", async () => {
    await using flow = await OpenFlow.begin();
    expect(await flow.asks("failures")).toBe("bot: Nothing you wrote waits to be sent again.");
    await fails(flow, "a secret");
    await flow.world.clock.advance(2 * MINUTE);
    await fails(
      flow,
      "another",
      new BridgeError("remote-refused", { words: "It is too odd.", certain: true }),
    );
    await flow.world.clock.advance(3 * MINUTE);
    const list = [
      "bot: This could not be delivered:",
      `• Bram on WhatsApp: 2 messages, the last one 3 minutes ago. Bram turned it off. It is too odd. Write “retry whatsapp Bram” to send them again, or “discard whatsapp Bram” to hear no more of it. The chat: https://matrix.to/#/${flow.room}`,
      "Write “retry all” to send all of it again, or “discard all”.",
    ].join("\n");
    for (const command of ["failures", "retry", "discard"]) expect(await flow.asks(command)).toBe(list);
    await flow.world.restart();
    expect(await flow.asks("failures")).toBe(list);
  });

  test("in several chats is sent again at once, and a chat where it may not be says why", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    await client.says("Carla", "c", "hi");
    await settle();
    const { room } = await world.portal(ANA, "Carla");
    await fails(flow, "to bram");
    client.faults.push({ when: "before", error: refused });
    await flow.does({ kind: "message", message: said("to carla"), room });
    await flow.asks("block whatsapp Carla");
    expect(await flow.asks("retry all")).toBe(
      "bot: • Bram: 1 message to Bram is on its way again.\n• Carla: Nothing was sent. You have blocked Carla. Write “unblock whatsapp Carla” to the bot to lift that.",
    );
    expect(Array.from(client.received.values())).toEqual(["to bram"]);
    expect(await flow.asks("discard all")).toBe(
      "bot: 1 message will not be sent. In the chat it stays as you wrote it.",
    );
    expect(await flow.asks("retry all")).toBe("bot: Nothing you wrote waits to be sent again.");
  });

  test("is asked for without a network too, which is answered with the whole command", async () => {
    await using flow = await OpenFlow.begin();
    expect(await flow.asks("retry Bram")).toBe(
      "bot: There is no network “Bram” here. There is: whatsapp. It comes before the contact: “retry whatsapp Bram”.",
    );
    expect(await flow.asks("verify")).toBe(
      "bot: Which network? There is: whatsapp. It comes before the contact: “verify whatsapp …”.",
    );
  });

  test("is discarded by chat, and its notice stays true", async () => {
    await using flow = await OpenFlow.begin();
    const event = await fails(flow, "a secret");
    expect(await flow.asks("discard whatsapp Bram")).toBe(
      "bot: 1 message to Bram will not be sent. In the chat it stays as you wrote it.",
    );
    expect(await flow.asks("discard whatsapp Bram")).toBe("bot: Nothing you wrote to Bram has failed.");
    expect(await flow.asks("failures")).toBe("bot: Nothing you wrote waits to be sent again.");
    expect(noticesAbout(flow, event)).toEqual([NOTICE]);
  });

  test("is not said to have failed once it is sent again; failing once more is said in words again", async () => {
    await using flow = await OpenFlow.begin();
    const [one, two] = [await fails(flow, "one"), await fails(flow, "two")];
    expect(isMarked(flow, two)).toBe(true);
    flow.client.faults.push({ when: "before", error: refused }, { when: "before", error: refused });
    await flow.asks("retry all");
    expect(noticesAbout(flow, one)).toEqual(["It is on its way again.", NOTICE]);
    expect(isMarked(flow, two)).toBe(true);
    await flow.asks("retry all");
    expect(Array.from(flow.client.received.values())).toEqual(["one", "two"]);
    expect(noticesAbout(flow, one)).toEqual(["It is on its way again.", "It is on its way again."]);
    expect(isMarked(flow, two)).toBe(false);
  });
});
