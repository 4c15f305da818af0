import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../src/core/errors.ts";
import type { MatrixEvent } from "../../src/core/events.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

/** What can happen to a bridge. */
type Happening =
  | { readonly does: "contact" | "person"; readonly count: number }
  | { readonly does: "homeserver-away" | "homeserver-back" | "network-away" | "network-back" }
  | { readonly does: "answer-lost" | "network-answer-lost" | "crash" | "restart" }
  | { readonly does: "pass"; readonly seconds: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom("contact", "person"),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom("homeserver-away", "homeserver-back", "network-away", "network-back"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom("answer-lost", "network-answer-lost", "crash", "restart") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("pass"), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
);

const lost = (reason: "homeserver-unreachable" | "remote-unreachable") =>
  new BridgeError(reason, { words: "no answer", certain: false, retryAfter: 0 });

/** Plays a history against the bridge, then calm weather until everything has crossed. */
async function play(history: readonly Happening[]) {
  await using world = await FlowWorld.start();
  await world.optsIn(ANA);
  const client = () => world.network.clientOf(ANA);
  await client().says("Bram", "c0", "c0");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  const wrote = ["c0"];
  const typed: string[] = [];
  const unanswered: MatrixEvent[] = [];
  for (const what of history) {
    switch (what.does) {
      case "contact":
        for (let n = 0; n < what.count; n++) {
          const text = `c${wrote.length}`;
          wrote.push(text);
          void client().says("Bram", text, text);
        }
        break;
      case "person":
        for (let n = 0; n < what.count; n++) {
          const text = `p${typed.length}`;
          typed.push(text);
          unanswered.push(world.text(ANA, room, text));
        }
        // Like a homeserver: the transaction is pushed again until it is answered.
        void world.bridge.intake.take(unanswered.slice(), "push").then(() => (unanswered.length = 0));
        break;
      case "homeserver-away":
      case "homeserver-back":
        world.homeserver.away = what.does === "homeserver-away";
        break;
      case "network-away":
        client().state = { kind: "waiting", words: "away." };
        break;
      case "network-back":
        client().state = { kind: "connected" };
        break;
      case "answer-lost":
        world.homeserver.afterSend = () => {
          world.homeserver.afterSend = () => {};
          throw lost("homeserver-unreachable");
        };
        break;
      case "network-answer-lost":
        client().faults.push({ when: "after", error: lost("remote-unreachable") });
        break;
      case "crash":
        await world.crash();
        break;
      case "restart":
        await settle();
        await world.restart();
        break;
      case "pass":
        await world.clock.advance(what.seconds * 1000);
        break;
    }
  }
  world.homeserver.away = false;
  client().state = { kind: "connected" };
  await world.bridge.intake.take(unanswered, "push");
  await world.clock.advance(600_000);
  const shown = world.homeserver.shown(room).filter((line) => line.startsWith("Bram: "));
  return {
    wrote: wrote.map((text) => `Bram: ${text}`),
    shown,
    typed,
    received: Array.from(client().received.values()),
    errors: world.errors,
  };
}

test("whatever happens, nothing is lost, nothing is twice, and the order stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (history) => {
      const { wrote, shown, typed, received, errors } = await play(history);
      expect(shown).toEqual(wrote);
      expect(received).toEqual(typed);
      expect(errors).toEqual([]);
    }),
    { numRuns: Number(process.env["HISTORIES"] ?? 60) },
  );
}, 120_000);
