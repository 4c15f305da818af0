import { expect, test } from "@jest/globals";
import type { Writes } from "../../../../src/core/ports/store.ts";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import type { IncomingMessages } from "../../../../src/networks/signal/session/incoming-messages.ts";
import { receiveBatch } from "../../../../src/networks/signal/session/receive-batch.ts";

test("what comes behind a change of our number in its batch is left to the client that has the new number's keys", async () => {
  const nothing = (): void => undefined;
  const work = { record: () => nothing, publish: nothing, [Symbol.dispose]: nothing };
  const context = {
    aci: { begin: async () => work },
    sink: { accept: async (_: unknown, record: (tx: Writes) => void) => record({} as Writes) },
  };
  const [taken, acknowledged]: [number[], number[]] = [[], []];
  const messages: Pick<IncomingMessages, "take"> = {
    async take(batch, { envelope }) {
      taken.push(envelope.at);
      batch.isLast = envelope.at === 2;
      return "kept";
    },
  };
  const envelopes = [1, 2, 3].map((at) => ({
    envelope: {
      bytes: new Uint8Array(),
      at,
      chat: {} as never,
      acknowledge: () => void acknowledged.push(at),
    },
    opened: { kind: "refused", timestamp: at, reason: "none" } as const,
  }));
  await receiveBatch(context as unknown as LoginContext, messages as IncomingMessages, envelopes);
  expect([taken, acknowledged]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
