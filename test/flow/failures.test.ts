import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;
const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

/** Ana writes something that the network refuses. */
async function fails(flow: OpenFlow, text: string, error = refused): Promise<EventId> {
  flow.client.faults.push({ when: "before", error });
  return flow.says(text);
}

/** What the bot's notices say at the end, by the event they answer. */
function noticesOf({ events }: OpenFlow): ReadonlyMap<EventId, string> {
  const notices = new Map<EventId, { readonly about: EventId; readonly words: string }>();
  for (const { event, send } of events) {
    if (send.sender !== "@bot:test" || send.type !== "m.room.message") continue;
    const relation = Object(send.content["m.relates_to"]);
    const about = relation["m.in_reply_to"]?.event_id;
    const edited = relation.rel_type === "m.replace" ? notices.get(relation.event_id) : undefined;
    if (edited) {
      const words = Object(send.content["m.new_content"]).body;
      notices.set(relation.event_id, { ...edited, words });
    } else if (about) notices.set(event, { about, words: String(send.content["body"]) });
  }
  return new Map(Array.from(notices.values(), ({ about, words }) => [about, words]));
}

const marked = ({ events }: OpenFlow): readonly unknown[] => {
  const gone = new Set(events.map(({ send }) => send.content["redacts"]));
  return events.flatMap(({ event, send }) => {
    const { key, event_id: on } = Object(send.content["m.relates_to"]);
    return key === "⚠️" && !gone.has(event) ? [on] : [];
  });
};

describe("what could not be delivered", () => {
  test("is listed by chat, with when, why and what to type", async () => {
    await using flow = await OpenFlow.begin();
    expect(await flow.asks("failures")).toBe("bot: Everything you wrote has arrived, or is on its way.");
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
    expect(await flow.asks("retry all")).toBe("bot: Everything you wrote has arrived, or is on its way.");
  });

  test("is discarded by chat, and its notice stays true", async () => {
    await using flow = await OpenFlow.begin();
    const event = await fails(flow, "a secret");
    expect(await flow.asks("discard whatsapp Bram")).toBe(
      "bot: 1 message to Bram will not be sent. In the chat it stays as you wrote it.",
    );
    expect(await flow.asks("discard whatsapp Bram")).toBe("bot: Nothing you wrote to Bram has failed.");
    expect(await flow.asks("failures")).toBe("bot: Everything you wrote has arrived, or is on its way.");
    expect(noticesOf(flow).get(event)).toBe("⚠️ Not delivered. Bram turned it off.");
  });

  test("is not said to have failed once it is sent again; failing once more is said in words again", async () => {
    await using flow = await OpenFlow.begin();
    const [one, two] = [await fails(flow, "one"), await fails(flow, "two")];
    expect(marked(flow)).toEqual([two]);
    flow.client.faults.push({ when: "before", error: refused }, { when: "before", error: refused });
    await flow.asks("retry all");
    expect(Array.from(noticesOf(flow).values())).toEqual(["⚠️ Not delivered. Bram turned it off."]);
    expect(marked(flow)).toEqual([two]);
    await flow.asks("retry all");
    expect(Array.from(flow.client.received.values())).toEqual(["one", "two"]);
    expect(noticesOf(flow).get(one)).toBe("It is on its way again.");
    expect(marked(flow)).toEqual([]);
  });
});
