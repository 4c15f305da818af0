import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../src/core/errors.ts";
import type { MatrixEvent } from "../../src/core/events.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

/** What can happen to a bridge. */
type Happening =
  | { readonly does: "contact" | "person"; readonly count: number }
  /** Of a message that is there, is yet to come, or never comes. */
  | { readonly does: "edit" | "delete"; readonly target: number }
  | { readonly does: "homeserver-away" | "homeserver-back" | "network-away" | "network-back" }
  | { readonly does: "disk-full" | "disk-free" }
  | { readonly does: "answer-lost" | "network-answer-lost" | "restart" }
  /** After so many turns of the event loop, so that it is cut off anywhere. */
  | { readonly does: "crash"; readonly turns: number }
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
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom("edit", "delete"),
      target: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom("homeserver-away", "homeserver-back", "network-away", "network-back"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("disk-full", "disk-free") }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom("answer-lost", "network-answer-lost", "restart") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("crash"), turns: fc.integer({ min: 0, max: 30 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("pass"), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
);

const lost = (reason: "homeserver-unreachable" | "remote-unreachable") =>
  new BridgeError(reason, { words: "no answer", certain: false, retryAfter: 0 });

const refused = (): void => undefined;

/** Forgets what waits now, once it was taken; what comes meanwhile still waits. */
function answeredOf(waiting: Set<MatrixEvent>): () => void {
  const taken = Array.from(waiting);
  return () => taken.forEach((event) => waiting.delete(event));
}

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
  const unanswered = new Set<MatrixEvent>();
  const changed: string[] = [];
  let deleted = 0;
  let full = false;
  const from = { chat: "Bram" as ChatId, sender: "Bram" as PersonId, at: 0 };
  for (const what of history) {
    switch (what.does) {
      case "contact":
        for (let n = 0; n < what.count; n++) {
          const text = `c${wrote.length}`;
          wrote.push(text);
          client().says("Bram", text, text).catch(refused);
        }
        break;
      case "person":
        for (let n = 0; n < what.count; n++) {
          const text = `p${typed.length}`;
          typed.push(text);
          unanswered.add(world.text(ANA, room, text));
        }
        // Like a homeserver: the transaction is pushed again until it is answered.
        world.bridge.intake.take(Array.from(unanswered), "push").then(answeredOf(unanswered), refused);
        break;
      case "edit": {
        const text = `e${changed.length}`;
        changed.push(text);
        const message = { parts: [{ kind: "text", style: "text", body: { text, spans: [] } }] } as const;
        const target = `c${what.target}` as MessageId;
        client()
          .brings({ ...from, kind: "edit", id: text as MessageId, target, message })
          .catch(refused);
        break;
      }
      case "delete": {
        const id = `d${deleted++}` as MessageId;
        client()
          .brings({ ...from, kind: "delete", id, target: `c${what.target}` as MessageId })
          .catch(refused);
        break;
      }
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
      case "disk-full":
        world.diskFull = true;
        full = true;
        break;
      case "disk-free":
        world.diskFull = false;
        client().redeliver();
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
        for (let turn = 0; turn < what.turns; turn++) await new Promise((done) => setImmediate(done));
        // It does not start on a full disk.
        world.diskFull = false;
        await world.crash();
        break;
      case "restart":
        await settle();
        world.diskFull = false;
        await world.restart();
        break;
      case "pass":
        await world.clock.advance(what.seconds * 1000);
        break;
    }
  }
  world.diskFull = false;
  client().redeliver();
  world.homeserver.away = false;
  client().state = { kind: "connected" };
  await world.bridge.intake.take(Array.from(unanswered), "push");
  await world.clock.advance(600_000);
  const { events } = world.homeserver.room(room);
  const said = world.homeserver.shown(room).map((line) => line.replace(/^Bram: (\* )?/, ""));
  return {
    wrote,
    shown: said.filter((text) => /^c\d+$/.test(text)),
    changed,
    edited: said.filter((text) => /^e\d+$/.test(text)),
    deleted,
    gone:
      events.filter(({ send }) => send.type === "m.room.redaction").length +
      said.filter((text) => /deleted a message that is not/.test(text)).length,
    typed,
    received: Array.from(client().received.values()),
    // On a full disk a lane's step fails, and says so.
    errors: full ? [] : world.errors,
  };
}

test("whatever happens, nothing is lost, nothing is twice, and the order stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (history) => {
      const { wrote, shown, typed, received, errors, ...contact } = await play(history);
      expect(shown).toEqual(wrote);
      expect(contact.edited.toSorted()).toEqual(contact.changed.toSorted());
      expect(contact.gone).toBe(contact.deleted);
      expect(received).toEqual(typed);
      expect(errors).toEqual([]);
    }),
    { numRuns: Number(process.env["HISTORIES"] ?? 60) },
  );
}, 120_000);
