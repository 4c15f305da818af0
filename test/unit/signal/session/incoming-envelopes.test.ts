import { expect, test } from "@jest/globals";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import type { Chat } from "../../../../src/networks/signal/service/chat.ts";
import { IncomingEnvelopes } from "../../../../src/networks/signal/session/incoming-envelopes.ts";
import { LogLines } from "../../../kit/fake-homeserver-world.ts";

const log = new LogLines();
const context = { log, login: "login-1", trustRoots: [], account: { pni: "" } } as unknown as LoginContext;

const chat = (closed: unknown[] = []): Chat =>
  ({ close: (cause: unknown) => closed.push(cause) }) as unknown as Chat;
/** Malformed, so that it needs no keys: its number is its only byte after one that no field begins with. */
const envelope = (number: number, from: Chat) => ({
  bytes: Uint8Array.of(7, number),
  at: 1,
  chat: from,
  acknowledge: () => undefined,
});

test("what comes in the very turn in which the last one was handled does not wait for the next", async () => {
  for (let turns = 0; turns < 30; turns += 1) {
    const taken: number[] = [];
    const done = Promise.withResolvers<void>();
    const here = chat();
    const envelopes = new IncomingEnvelopes(context, async (batch) => {
      for (const one of batch) taken.push(one.envelope.bytes[1] ?? 0);
      if (taken.length === 1) done.resolve();
    });
    envelopes.push(envelope(1, here));
    await done.promise;
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    envelopes.push(envelope(2, here));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect([turns, taken]).toEqual([turns, [1, 2]]);
    await envelopes.idle();
  }
});

test("nothing more is handled of a connection on which something could not be stored, and all of another is", async () => {
  const closed: unknown[] = [];
  const [broken, whole] = [chat(closed), chat()];
  const taken: number[] = [];
  const full = new Error("the disk is full");
  const envelopes = new IncomingEnvelopes(context, async (batch) => {
    if (batch.some((one) => one.envelope.bytes[1] === 1)) throw full;
    for (const one of batch) taken.push(one.envelope.bytes[1] ?? 0);
  });
  for (let number = 1; number <= 40; number += 1) envelopes.push(envelope(number, broken));
  await envelopes.idle();
  envelopes.push(envelope(41, broken));
  envelopes.push(envelope(42, whole));
  await envelopes.idle();
  expect(closed).toEqual([full]);
  expect(taken).toEqual([42]);
});

test("while the store is slow no more than a bound waits, and the server brings the rest on the next connection in order", async () => {
  const closed: unknown[] = [];
  const first = chat(closed);
  const taken: number[] = [];
  const slow = Promise.withResolvers<void>();
  const envelopes = new IncomingEnvelopes(context, async (batch) => {
    await slow.promise;
    for (const { envelope: one } of batch) taken.push(Buffer.from(one.bytes).readUInt32BE(1));
  });
  const numbered = (number: number, from: Chat, length = 5) => {
    const bytes = Buffer.alloc(length, 7);
    bytes.writeUInt32BE(number, 1);
    return { ...envelope(0, from), bytes: new Uint8Array(bytes) };
  };
  for (let number = 0; number < 6_000; number += 1) envelopes.push(numbered(number, first));
  slow.resolve();
  await envelopes.idle();
  expect(taken).toEqual(Array.from({ length: 4_096 }, (_, number) => number));
  expect(closed).toMatchObject([{ reason: "remote-unreachable", outage: true }]);
  envelopes.push(numbered(9_999, first));
  const second = chat(closed);
  for (let number = 4_096; number < 6_000; number += 1) envelopes.push(numbered(number, second));
  await envelopes.idle();
  expect(taken).toEqual(Array.from({ length: 6_000 }, (_, number) => number));
  expect(closed).toHaveLength(1);
  // However few they are.
  taken.length = 0;
  for (let number = 0; number < 80; number += 1) envelopes.push(numbered(number, second, 2 ** 18));
  await envelopes.idle();
  expect([taken.length, closed.length]).toEqual([64, 2]);
});

test("what waits when our account gets another identity is left to the client that has it", async () => {
  const taken: number[] = [];
  const here = chat();
  const envelopes = new IncomingEnvelopes(context, async (batch) => {
    for (const one of batch) taken.push(one.envelope.bytes[1] ?? 0);
    envelopes.leave();
  });
  for (let number = 1; number <= 40; number += 1) envelopes.push(envelope(number, here));
  await envelopes.idle();
  envelopes.push(envelope(41, chat()));
  await envelopes.idle();
  expect(taken).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
});
