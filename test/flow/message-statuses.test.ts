import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId } from "../../src/core/model/ids.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { isMarked, noticesAbout, statusesOf } from "../kit/shown-outcomes.ts";
import { copy, ghostOf, receipt, remoteOf, shown } from "../kit/status-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });
const FAILED = { reason: "m.foreign_network_error", message: "Bram turned it off." };

describe("the status of a message", () => {
  test("says that the network has it, and then who", async () => {
    await using flow = await shown();
    const event = await flow.says("hello");
    expect(statusesOf(flow, event)).toEqual([{ status: "SUCCESS", delivered_to_users: [] }]);
    await receipt(flow, event, "delivered");
    await receipt(flow, event, "read");
    await flow.world.restart();
    expect(statusesOf(flow, event)).toEqual([
      { status: "SUCCESS", delivered_to_users: [] },
      { status: "SUCCESS", delivered_to_users: [await ghostOf(flow)] },
    ]);
  });

  test("that failed says why as the notice does, that it is sent again, and what comes of that", async () => {
    await using flow = await shown();
    flow.client.faults.push({ when: "before", error: refused });
    const event = await flow.says("hello");
    expect(statusesOf(flow, event)).toEqual([{ status: "FAIL_RETRIABLE", ...FAILED }]);
    await flow.asks("discard all");
    expect(statusesOf(flow, event)).toHaveLength(1);
    flow.client.faults.push({ when: "before", error: refused }, { when: "before", error: refused });
    const other = await flow.says("you there?");
    await flow.asks("retry all");
    await flow.asks("retry all");
    expect(statusesOf(flow, other).map(({ status }) => status)).toEqual(
      "FAIL_RETRIABLE PENDING FAIL_RETRIABLE PENDING SUCCESS".split(" "),
    );
  });

  test("that waits says for what, once", async () => {
    await using flow = await shown();
    flow.client.state = { kind: "waiting", words: "away." };
    const event = await flow.says("are you there?");
    await flow.world.clock.advance(90_000);
    expect(statusesOf(flow, event)).toEqual([{ status: "PENDING", message: "away." }]);
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(90_000);
    expect(statusesOf(flow, event).slice(1)).toEqual([{ status: "SUCCESS", delivered_to_users: [] }]);
  });

  test("that the network does not take, and of an edit, a reaction and a deletion, is the event's own", async () => {
    await using flow = await shown();
    const poll = await flow.does({ kind: "unsupported", what: "a poll" });
    expect(statusesOf(flow, poll)).toEqual([
      {
        status: "FAIL_PERMANENT",
        reason: "com.beeper.unsupported_event",
        message: "WhatsApp cannot be sent a poll from here.",
      },
    ]);
    const secret = await flow.does({ kind: "encrypted" });
    expect(statusesOf(flow, secret)).toMatchObject([{ reason: "com.beeper.undecryptable_event" }]);
    const unseen = await flow.does({ kind: "unsupported", what: "a live location", unseen: true });
    expect(statusesOf(flow, unseen)).toEqual([]);
    const target = await flow.says("helo");
    const acts = [
      await flow.does({ kind: "edit", target, message: said("hello") }),
      await flow.does({ kind: "reaction", target: flow.hello, emoji: "👍" }),
    ];
    flow.client.faults.push({ when: "before", error: refused });
    const failed = await flow.does({ kind: "reaction", target, emoji: "👎" });
    acts.push(await flow.does({ kind: "redaction", target }));
    for (const act of acts) expect(statusesOf(flow, act)).toMatchObject([{ status: "SUCCESS" }]);
    expect(statusesOf(flow, failed)).toEqual([{ status: "FAIL_PERMANENT", ...FAILED }]);
    await flow.asks("block whatsapp Bram");
    expect(statusesOf(flow, await flow.says("x"))).toMatchObject([
      { status: "FAIL_PERMANENT", reason: "m.no_permission" },
    ]);
  });

  test("of several files is one: sent when all are, and failed where one is", async () => {
    await using flow = await shown();
    const file = (name: string) => {
      const source = { at: "homeserver", uri: `mxc://test/${name}` } as const;
      return { kind: "media", media: { kind: "file", source, mimetype: "text/plain", name } } as const;
    };
    const files = { parts: [file("a"), file("b")] };
    const event = await flow.does({ kind: "message", message: files });
    expect(statusesOf(flow, event)).toEqual([{ status: "SUCCESS", delivered_to_users: [] }]);
    flow.client.faults.push({ when: "before", error: refused });
    const half = await flow.does({ kind: "message", message: files });
    expect(statusesOf(flow, half)).toMatchObject([
      { status: "FAIL_RETRIABLE", message: "Item 1, “a”: Bram turned it off." },
    ]);
    await flow.asks("retry all");
    expect(statusesOf(flow, half).at(-1)).toEqual({ status: "SUCCESS", delivered_to_users: [] });
  });
});

describe("a message that was given up and is there all the same", () => {
  test.each(["copy", "receipt"] as const)("is not said to have failed once a %s of it comes", async (how) => {
    await using flow = await shown();
    flow.client.faults.push({ when: "after", error: refused });
    const event = await flow.says("hello");
    flow.client.faults.push({ when: "after", error: refused });
    const second = await flow.says("marked");
    expect(isMarked(flow, second)).toBe(true);
    for (const one of [event, second]) {
      if (how === "copy") await copy(flow, one);
      else await receipt(flow, one, "delivered");
      expect(statusesOf(flow, one).at(-1)).toMatchObject({ status: "SUCCESS" });
    }
    expect(noticesAbout(flow, event)).toEqual(["It did arrive after all."]);
    expect(isMarked(flow, second)).toBe(false);
    expect(await flow.asks("retry all")).toBe("bot: Nothing you wrote waits to be sent again.");
    expect(flow.shown.filter((line) => line.includes("Unnamed") || line === "it")).toEqual([]);
  });

  test("is not taken for there because of the copy of what its contact cannot read", async () => {
    await using flow = await shown();
    const event = await flow.says("hello");
    const unread = new BridgeError("gone", { words: "Bram's phone could not decrypt it.", certain: false });
    await flow.client.sink.undelivered("Bram" as ChatId, await remoteOf(flow, event), unread);
    await settle();
    await copy(flow, event);
    expect(statusesOf(flow, event).at(-1)).toMatchObject({ status: "FAIL_RETRIABLE" });
    await receipt(flow, event, "read");
    expect(statusesOf(flow, event).at(-1)).toMatchObject({ status: "SUCCESS" });
    expect(noticesAbout(flow, event)).toEqual(["It did arrive after all."]);
  });
});

describe("who is shown statuses", () => {
  test("is, unless they choose, who wrote with a client that shows them", async () => {
    await using flow = await OpenFlow.begin();
    const before = await flow.says("from one client");
    const first = await flow.does({ kind: "message", message: said("from another"), beeper: true });
    await flow.world.restart();
    const next = await flow.says("from one client");
    expect([before, first, next].map((event) => statusesOf(flow, event).length)).toEqual([0, 1, 1]);
    expect(await flow.asks("statuses")).toContain("Statuses are auto.");
    await flow.asks("statuses off");
    const last = await flow.does({ kind: "message", message: said("quietly"), beeper: true });
    await flow.world.restart();
    expect(statusesOf(flow, last)).toEqual([]);
    expect(await flow.asks("statuses")).toContain("Statuses are off.");
  });

  test("is left with nothing untrue by turning them off", async () => {
    await using flow = await shown();
    flow.client.faults.push({ when: "before", error: refused });
    const event = await flow.says("hello");
    await flow.asks("statuses off");
    await flow.asks("retry all");
    expect(statusesOf(flow, event).map(({ status }) => status)).toEqual(
      "FAIL_RETRIABLE PENDING SUCCESS".split(" "),
    );
  });

  test.each(["on", "off"] as const)(
    "is, where they chose nothing, as the configuration says: %s",
    async (statuses) => {
      await using flow = await OpenFlow.begin({ delivery: { statuses } });
      const event = await flow.does({ kind: "message", message: said("hello"), beeper: true });
      expect(statusesOf(flow, event)).toHaveLength(statuses === "on" ? 1 : 0);
    },
  );
});
