import { expect, test } from "@jest/globals";
import { BridgeError } from "../../../../src/core/model/errors.ts";
import type { PersonId } from "../../../../src/core/model/ids.ts";
import { newBatch } from "../../../../src/networks/signal/session/batch.ts";
import { IncomingContent } from "../../../../src/networks/signal/session/incoming-content.ts";
import { IncomingMessages } from "../../../../src/networks/signal/session/incoming-messages.ts";
import { IncomingSync } from "../../../../src/networks/signal/session/incoming-sync.ts";
import type { OpenedMessage } from "../../../../src/networks/signal/session/open-envelope.ts";
import { encodeContent } from "../../../../src/networks/signal/wire/encode-content.ts";
import { pad } from "../../../../src/networks/signal/wire/padding.ts";
import type { SignalTransaction } from "../../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../../src/store/open.ts";
import { LogLines } from "../../../kit/fake-homeserver-world.ts";
import { noGroups } from "../../../kit/signal/no-groups.ts";

const EVE = "796abedb-ca4e-4f18-8803-1fde5b921f9f" as PersonId;
const PLAIN = pad(encodeContent({ body: { kind: "typing", typing: true, at: 5 } }));

/** Takes three messages, of which the second is met with a fault. */
async function taken(fault: Error, where: "content" | "decrypting") {
  const log = new LogLines();
  await using store = openStore({ path: ":memory:", log });
  let count = 0;
  const meets = (place: typeof where): void => {
    if (place === where && count === 2) throw fault;
  };
  const context = {
    login: "login-1",
    log,
    store,
    aci: {
      async decrypt() {
        count += 1;
        meets("decrypting");
        return { kind: "plaintext", bytes: PLAIN };
      },
    },
  } as never;
  const nothing = {} as never;
  const sync = new IncomingSync(context, { configuration: nothing, handlers: {}, groups: noGroups });
  const content = new IncomingContent(context, {
    sync,
    people: nothing,
    receipts: nothing,
    groups: noGroups,
  });
  const take = content.take.bind(content);
  content.take = async (...message) => {
    meets("content");
    return take(...message);
  };
  const requester = { arrived: () => undefined } as never;
  const messages = new IncomingMessages({ context, content, requester, resender: {} as never });
  const batch = newBatch({ identityChanged: () => false } as unknown as SignalTransaction);
  const opened = (timestamp: number): OpenedMessage => ({
    kind: "message",
    account: "aci",
    sender: EVE,
    from: { name: EVE, device: 1 },
    type: "msg",
    bytes: Uint8Array.of(1),
    hint: "resendable",
    timestamp,
    at: 5,
  });
  for (const timestamp of [101, 102, 103]) {
    const envelope = { bytes: Uint8Array.of(1), at: 5, chat: {} as never, acknowledge: () => undefined };
    expect(await messages.take(batch, { envelope, opened: opened(timestamp) })).toBe("kept");
  }
  return { batch, log };
}

test.each([
  ["any fault", new Error("a bug of ours")],
  ["one of the bridge's own", new BridgeError("internal", { words: "No such chat.", certain: true })],
])(
  "a message that meets %s is told as not understood and kept raw, and those around it go on",
  async (_, fault) => {
    const { batch, log } = await taken(fault, "content");
    expect(batch.events).toEqual([
      {
        kind: "unsupported",
        chat: EVE,
        sender: EVE,
        id: `${EVE}/102`,
        at: 5,
        what: "a message that is malformed",
        raw: Buffer.from(PLAIN).toString("base64"),
      },
    ]);
    expect(batch.signals).toHaveLength(2);
    expect(log.lines.filter(({ level }) => level === "error")).toMatchObject([{ fields: { message: 102 } }]);
    const other = await taken(fault, "decrypting");
    expect(other.batch.events).toMatchObject([{ kind: "unsupported", id: `${EVE}/102` }]);
    expect(other.batch.signals).toHaveLength(2);
  },
);

test("an outage of the store is nobody's message's: all of it comes again", async () => {
  const outage = new BridgeError("storage", { words: "The disk is full.", certain: true, retryAfter: 0 });
  await expect(taken(outage, "content")).rejects.toThrow(outage);
  await expect(taken(outage, "decrypting")).rejects.toThrow(outage);
});
