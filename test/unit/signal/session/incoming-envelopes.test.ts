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
