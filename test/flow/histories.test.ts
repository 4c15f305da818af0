import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { EventId } from "../../src/core/model/ids.ts";
import { CHATS, type Happening, happening, type Who } from "../kit/happenings.ts";
import { History } from "../kit/history.ts";
import type { MessageNaming } from "../kit/message-naming.ts";

type Sent = ReturnType<History["rooms"]>[number]["events"][number];

const bodyOf = ({ send }: Sent): string =>
  ((send.content["body"] as string | undefined) ?? "").replace(/^\* /, "");

/** What a contact did is in the room, once, in order; of a login that was given up meanwhile, at most once. */
function expectShown(history: History, who: Who): void {
  const events = history.rooms(who).flatMap((room) => room.events);
  const bodies = events.filter(({ send }) => send.type === "m.room.message").map(bodyOf);
  const mine = history.brought.filter((one) => one.who === who);
  for (const kind of ["message", "edit"] as const) {
    const ids = mine.filter((one) => one.kind === kind);
    const shown = bodies.filter((body) => body.startsWith(`${who}-${kind}-`));
    // An edit that was waited for in vain stands in the place of the message, which may come after all.
    const replaced = new Set(mine.flatMap(({ kind, target }) => (kind === "edit" ? [target] : [])));
    // What comes behind its deletion is not shown; the deletion is, as below.
    const deletedBefore = (one: (typeof mine)[number]): boolean => {
      const about = one.kind === "edit" ? one.target : one.id;
      const before = mine.slice(0, mine.indexOf(one));
      return before.some(
        ({ kind, target, login }) => kind === "delete" && target === about && login === one.login,
      );
    };
    const due = ids
      .filter((one) => one.login === history.login && !replaced.has(one.id) && !deletedBefore(one))
      .map(({ id }) => id);
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown).toEqual(expect.arrayContaining(due));
    if (kind === "message") {
      const order = ids.map(({ id }) => id);
      expect(shown).toEqual(order.filter((id) => shown.includes(id)));
    }
  }
  const together = bodies.flatMap((body) => /same was done to (\d+) more/.exec(body)?.[1] ?? []);
  const more = together.reduce((sum, number) => sum + Number(number), 0);
  const said = (pattern: RegExp) => bodies.filter((body) => pattern.test(body)).length;
  const of = (type: string) => events.filter(({ send }) => send.type === type && send.sender !== "@bot:test");
  const told = said(/(deleted|reacted with .* to) a message that is not/) + more;
  const acts = of("m.room.redaction").length + of("m.reaction").length + told;
  const present = mine.filter(({ login }) => login === history.login);
  // What was deleted is deleted, however often that is said.
  const deletions = new Set(present.flatMap(({ kind, target }) => (kind === "delete" ? [target] : [])));
  const due = deletions.size + present.filter(({ kind }) => kind === "reaction").length;
  // A reaction that takes another's place takes that one back.
  expect(acts).toBeGreaterThanOrEqual(due);
}

/** What the person wrote on another device is in the room, once, in order, and is not sent to the network. */
function expectOwn(history: History, who: Who): void {
  const mine = history.onPhone.filter((one) => one.who === who);
  const bodies = history.rooms(who).flatMap((room) => room.events.map(bodyOf));
  const shown = bodies.filter((body) => body.startsWith(`${who}-phone-`));
  const due = mine.filter(({ login }) => login === history.login).map(({ id }) => id);
  expect(new Set(shown).size).toBe(shown.length);
  expect(shown).toEqual(expect.arrayContaining(due));
  expect(shown).toEqual(mine.map(({ id }) => id).filter((id) => shown.includes(id)));
  const clients = Array.from(history.world.network.clients.values());
  const received = clients.flatMap((client) => Array.from(client.received.values()));
  expect(received.filter((text) => text.startsWith(`${who}-phone-`))).toEqual([]);
}

/** What the person did is with the network, once, in order, or they are told why not: under it, or by a mark on it. */
function expectTaken(history: History, who: Who): void {
  const clients = Array.from(history.world.network.clients.values());
  const received = clients.flatMap((client) => Array.from(client.received.values()));
  const reactions = clients.flatMap(({ taken }) =>
    taken.flatMap((one) => (one.kind === "reaction" ? [one.emoji] : [])),
  );
  const mine = history.did.filter((one) => one.who === who);
  const redacted = new Set(mine.map(({ event }) => (event.kind === "redaction" ? event.target : "")));
  const notices = history.rooms(who).flatMap(({ events }) =>
    events.flatMap((sent) => {
      const relation = Object(sent.send.content["m.relates_to"])["m.in_reply_to"] as { event_id?: EventId };
      return bodyOf(sent).startsWith("⚠️") ? [relation?.event_id] : [];
    }),
  );
  const marked = new Set(history.rooms(who).flatMap(({ events }) => events.map(markedBy)));
  for (const { event } of mine) {
    const text = event.kind === "message" && event.message.parts[0];
    const body = text && text.kind === "text" ? text.body.text : undefined;
    const count =
      event.kind === "reaction"
        ? reactions.filter((emoji) => emoji === event.emoji).length
        : received.filter((one) => one === body).length;
    const replies = notices.filter((one) => one === event.id).length;
    expect(count).toBeLessThanOrEqual(1);
    expect(replies).toBeLessThanOrEqual(1);
    if (event.kind === "redaction" || redacted.has(event.id)) continue;
    const bears = event.kind === "reaction" ? event.target : event.id;
    // Of a reaction the mark is on its target, where another's may be.
    const mark = marked.has(bears) && (event.kind === "message" || count === 0) ? 1 : 0;
    const told = event.kind === "reaction" ? Math.max(replies, mark) : replies + mark;
    if (!history.uncertain) expect(`${event.id} ${count + told}`).toBe(`${event.id} 1`);
    expect(`${event.id} ${Math.min(1, count + told)}`).toBe(`${event.id} 1`);
  }
  const typed = mine.flatMap(({ event }) => {
    const part = event.kind === "message" ? event.message.parts[0] : undefined;
    return part?.kind === "text" ? [part.body.text] : [];
  });
  const arrived = received.filter((text) => text.startsWith(who));
  expect(arrived).toEqual(typed.filter((text) => arrived.includes(text)));
}

/** What an event of the bot's marks as not delivered. */
function markedBy({ send }: Parameters<typeof bodyOf>[0]): EventId | undefined {
  const { event_id: event, key } = Object(send.content["m.relates_to"]) as {
    event_id?: EventId;
    key?: string;
  };
  return send.sender === "@bot:test" && key === "⚠️" ? event : undefined;
}

async function expectRest(history: History): Promise<void> {
  const { store, homeserver, network } = history.world;
  const waiting = [store.matrixInbox, store.matrixOutbox, store.networkInbox, store.networkOutbox];
  expect(await Promise.all(waiting.map((queue) => queue.count()))).toEqual([0, 0, 0, 0]);
  for (const who of CHATS) {
    const room = history.rooms(who).at(-1);
    expect(room?.archived).toBe(false);
    const ghost = await store.ghosts.byPerson(network.id, who as never);
    if (ghost) expect(homeserver.names.get(ghost.user)).toBe(`${ghost.name} (WhatsApp)`);
  }
}

async function lived(naming: MessageNaming, happenings: readonly Happening[]): Promise<void> {
  await using history = await History.begin(naming);
  for (const what of happenings) await history.play(what);
  await history.calm();
  for (const who of CHATS) {
    expectShown(history, who);
    expectTaken(history, who);
    expectOwn(history, who);
  }
  await expectRest(history);
  if (!history.filled) expect(history.world.errors).toEqual([]);
}

/** A network that knows no key of ours may show twice what it did not answer. */
const named = fc.constantFrom<MessageNaming>("by-row", "by-time", "by-network");

test("whatever happens, nothing is lost, nothing is twice, and the order stays", async () => {
  await fc.assert(fc.asyncProperty(named, fc.array(happening, { maxLength: 20, size: "max" }), lived), {
    // One that hangs is named.
    timeout: 30_000,
    numRuns: Number(process.env["HISTORIES"] ?? 60),
  });
}, 900_000);
