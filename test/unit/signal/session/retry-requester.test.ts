import { expect, test } from "@jest/globals";
import type { LoginId, PersonId } from "../../../../src/core/model/ids.ts";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import { newBatch } from "../../../../src/networks/signal/session/batch.ts";
import { RetryRequester } from "../../../../src/networks/signal/session/retry/retry-requester.ts";
import { UndecryptableMessages } from "../../../../src/networks/signal/session/retry/undecryptable-messages.ts";
import type { SignalTransaction } from "../../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../../src/store/open.ts";
import { LogLines } from "../../../kit/fake-homeserver-world.ts";

const OWN = "9d0652a3-dcc3-4d11-975f-74d61598733f" as PersonId;
const EVE = "796abedb-ca4e-4f18-8803-1fde5b921f9f" as PersonId;

test("what is too malformed to be asked for is said in the contact's chat, and of our own device in none", async () => {
  const login = "login-1" as LoginId;
  const log = new LogLines();
  await using store = openStore({ path: ":memory:", log });
  const context = { login, own: OWN, store, log, clock: { now: () => 1 } } as unknown as LoginContext;
  const requester = new RetryRequester(context, await UndecryptableMessages.load(store, login));
  const events = async (sender: PersonId, hint: "resendable" | "implicit") => {
    const batch = newBatch({} as SignalTransaction);
    const message = {
      kind: "message",
      account: "aci",
      sender,
      from: { name: sender, device: 1 },
      type: "msg",
      bytes: Uint8Array.of(1),
      hint,
      timestamp: 1_700_000_000_000,
      at: 5,
    } as const;
    await requester.failed(batch, { ...message, updatedPni: undefined }, "Generic");
    return batch.events;
  };
  expect(await events(EVE, "resendable")).toEqual([
    { kind: "undecryptable", chat: EVE, sender: EVE, id: `${EVE}/1700000000000`, at: 5 },
  ]);
  expect(await events(EVE, "implicit")).toEqual([]);
  expect(await events(OWN, "resendable")).toEqual([]);
});
