import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import type { OpenFlow } from "../kit/open-flow.ts";
import { runs } from "../kit/random-runs.ts";
import { isMarked, noticesAbout, statusesOf } from "../kit/shown-outcomes.ts";
import { copy, receipt, shown } from "../kit/status-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const refused = new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true });

type Step =
  | { readonly does: "says"; readonly fault: "none" | "refused" | "refused-late" | "lost" }
  | { readonly does: "copy" | "delivered" | "read" | "undelivered"; readonly of: number }
  | { readonly does: "retry" | "discard" | "restart" | "crash" | "away" | "back" | "on" | "off" | "waits" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant("says" as const),
    fault: fc.constantFrom("none" as const, "refused" as const, "refused-late" as const, "lost" as const),
  }),
  fc.record({
    does: fc.constantFrom("copy" as const, "delivered" as const, "read" as const, "undelivered" as const),
    of: fc.nat({ max: 5 }),
  }),
  fc.record({
    does: fc.constantFrom(
      ...(["retry", "discard", "restart", "crash", "away", "back", "on", "off", "waits"] as const),
    ),
  }),
);

const lost = new BridgeError("remote-unreachable", { words: "no answer", certain: false, retryAfter: 0 });

async function plays(flow: OpenFlow, told: EventId[], what: Step): Promise<void> {
  const { world } = flow;
  switch (what.does) {
    case "says":
      if (what.fault !== "none") {
        const error = what.fault === "lost" ? lost : refused;
        flow.client.faults.push({ when: what.fault === "refused" ? "before" : "after", error });
      }
      told.push(await flow.says(`message ${told.length}`));
      return;
    case "retry":
    case "discard":
      await flow.asks(`${what.does} all`);
      return;
    case "on":
    case "off":
      await flow.asks(`statuses ${what.does}`);
      return;
    case "away":
      flow.client.state = { kind: "waiting", words: "away." };
      return;
    case "back":
      flow.client.state = { kind: "connected" };
      return;
    case "waits":
      return world.clock.advance(30_000);
    case "restart":
      return world.restart();
    case "crash":
      return world.crash();
    case "copy":
    case "delivered":
    case "read":
    case "undelivered": {
      const event = told[what.of];
      if (event === undefined) return;
      // Only of what has left can anything come back.
      const row = await world.store.networkOutbox.byEvent(event);
      if (!row || !flow.client.received.has(row.remoteId)) return;
      if (what.does === "copy") return copy(flow, event);
      if (what.does !== "undelivered") return receipt(flow, event, what.does);
      await flow.client.sink.undelivered("Bram" as ChatId, row.remoteId, refused);
      return settle();
    }
  }
}

test("whatever the network answers, and whatever comes late, again or between, status, receipt, notice and list agree", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14, size: "max" }), async (steps) => {
      await using flow = await shown();
      const events: EventId[] = [];
      for (const one of steps) await plays(flow, events, one);
      flow.client.state = { kind: "connected" };
      await flow.world.clock.advance(120_000);
      const wanted = (await flow.asks("statuses")).includes("are on");
      const { store } = flow.world;
      const listed = await flow.world.bridge.scope.failures.of(ANA, [flow.world.network]);
      const open = new Set(listed.flatMap(({ messages }) => messages.map(({ event }) => event)));
      for (const event of events) {
        const state = (await store.networkOutbox.byEvent(event))?.state;
        const told = noticesAbout(flow, event).filter((words) => words.startsWith("⚠️"));
        const last = statusesOf(flow, event).at(-1);
        expect(["sent", "delivered", "read", "failed"]).toContain(state);
        if (state !== "failed") {
          expect([told, isMarked(flow, event), open.has(event)]).toEqual([[], false, false]);
          if (wanted || last) expect(last?.["status"] ?? "SUCCESS").toBe("SUCCESS");
          const to = last?.["delivered_to_users"] as readonly unknown[] | undefined;
          if (to?.length === 1) expect(["delivered", "read"]).toContain(state);
        } else {
          expect([told.length + Number(isMarked(flow, event))]).toEqual([1]);
          if (last) expect(last).toMatchObject({ status: "FAIL_RETRIABLE" });
        }
        // Nothing is said to be there after it was said to have failed, but for a retry, a copy or a receipt.
        const order = statusesOf(flow, event).map(({ status }) => status);
        expect(order.filter((status, at) => status === order[at - 1] && status !== "SUCCESS")).toEqual([]);
      }
      expect(flow.world.errors).toEqual([]);
    }),
    { numRuns: runs(40) },
  );
});
