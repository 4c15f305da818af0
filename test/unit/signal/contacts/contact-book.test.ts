import { expect, test } from "@jest/globals";
import type { LoginId, PersonId } from "../../../../src/core/model/ids.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import { ContactBook } from "../../../../src/networks/signal/contacts/contact-book.ts";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import { ASKED_PHONE, loginScope } from "../../../../src/networks/signal/record-scopes.ts";
import { openStore } from "../../../../src/store/open.ts";
import { VirtualClock } from "../../../kit/virtual-clock.ts";

const LOGIN = "login-a" as LoginId;
const OWN = "11111111-2222-4333-8444-555555555555" as PersonId;

test("where the phone's contacts cannot be fetched, it is asked for them again", async () => {
  await using store = openStore({ path: ":memory:", log: noLog });
  const context = { login: LOGIN, own: OWN, store, clock: new VirtualClock(), log: noLog, account: {} };
  const book = new ContactBook({
    context: context as unknown as LoginContext,
    storage: {
      manifestAfter: async () => undefined,
      read: async () => new Uint8Array(),
      write: async () => true,
    },
    directory: { find: async () => "none" },
    fetch: () => Promise.reject(new Error("the host is away")),
    tell: async () => undefined,
  });
  await store.write((tx) => tx.records.set(loginScope(LOGIN), ASKED_PHONE, "2"));
  const blob = { cdn: 3, cdnKey: "k", key: new Uint8Array(64), digest: new Uint8Array(32), size: 10 };
  book.contacts({
    kind: "contacts",
    complete: true,
    blob: { ...blob, voice: false, gif: false, borderless: false },
  });
  await book.idle();
  expect(await store.records.get(loginScope(LOGIN), ASKED_PHONE)).toBeUndefined();
});
