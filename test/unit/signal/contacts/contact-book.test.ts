import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ChatId, LoginId, PersonId } from "../../../../src/core/model/ids.ts";
import type { MediaFile } from "../../../../src/core/model/media.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import type { Store } from "../../../../src/core/ports/store.ts";
import { ContactBook } from "../../../../src/networks/signal/contacts/contact-book.ts";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import { ASKED_PHONE, loginScope } from "../../../../src/networks/signal/record-scopes.ts";
import { signalFamily } from "../../../../src/networks/signal/records.ts";
import { newBatch } from "../../../../src/networks/signal/session/batch.ts";
import { Configuration } from "../../../../src/networks/signal/session/configuration.ts";
import { IncomingSync } from "../../../../src/networks/signal/session/incoming-sync.ts";
import { ContactDetailsSchema } from "../../../../src/networks/signal/wire/gen/sync-message_pb.js";
import type { Sync } from "../../../../src/networks/signal/wire/sync.ts";
import type { SignalTransaction } from "../../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../../src/store/open.ts";
import { noGroups } from "../../../kit/signal/no-groups.ts";
import { VirtualClock } from "../../../kit/virtual-clock.ts";

const LOGIN = "login-a" as LoginId;
const OWN = "11111111-2222-4333-8444-555555555555" as PersonId;
const BRAM = "796abedb-ca4e-4f18-8803-1fde5b921f9f";
const HEAD = { sender: OWN, device: 1, timestamp: 1_700_000_000_000, at: 1_700_000_000_500 };

let store: Store;
let context: LoginContext;

beforeEach(() => {
  store = openStore({ path: ":memory:", log: noLog });
  const shared = { login: LOGIN, own: OWN, store, clock: new VirtualClock(), log: noLog, account: {} };
  context = shared as unknown as LoginContext;
});
afterEach(async () => store[Symbol.asyncDispose]());

/** The contacts as a start of the bridge has them; `asked` is told of each manifest that is asked for. */
const opened = (fetch: (ref: string) => Promise<MediaFile>, asked: () => void = () => undefined) =>
  new ContactBook({
    context,
    storage: {
      manifestAfter: async () => {
        asked();
        return undefined;
      },
      read: async () => new Uint8Array(),
      write: async () => true,
    },
    readGroups: async () => undefined,
    accepted: () => undefined,
    directory: { find: async () => "none" },
    fetch,
    tell: async () => undefined,
  });

/** Commits what the phone tells, and ends before anything else is done about it, as a kill does. */
async function toldBeforeKill(...syncs: readonly Sync[]): Promise<void> {
  const sync = new IncomingSync(context, {
    configuration: new Configuration(store, LOGIN),
    handlers: {},
    groups: noGroups,
  });
  const batch = newBatch({} as SignalTransaction);
  for (const one of syncs) await sync.take(batch, { ...HEAD, account: "aci", raw: new Uint8Array() }, one);
  await store.write((tx) => batch.writes.forEach((write) => write(tx)));
}

const blob = (cdnKey: string) => ({
  cdn: 3,
  cdnKey,
  key: new Uint8Array(64),
  digest: new Uint8Array(32),
  size: 10,
  voice: false,
  gif: false,
  borderless: false,
});
const contacts = (cdnKey = "k"): Sync => ({ kind: "contacts", complete: true, blob: blob(cdnKey) });

/** The phone's file with one contact's timer. */
function file(expireTimer: number, expireTimerVersion: number): MediaFile {
  const details = create(ContactDetailsSchema, { aci: BRAM, expireTimer, expireTimerVersion });
  const encoded = toBinary(ContactDetailsSchema, details);
  const bytes = Uint8Array.of(encoded.length, ...encoded);
  return {
    async *read() {
      yield bytes;
    },
    [Symbol.asyncDispose]: async () => undefined,
  } as unknown as MediaFile;
}
const timer = () => store.family(signalFamily).timer(LOGIN, BRAM as ChatId);

test("where the phone's contacts cannot be fetched, it is asked for them again", async () => {
  const book = opened(() => Promise.reject(new Error("the host is away")));
  await store.write((tx) => tx.records.set(loginScope(LOGIN), ASKED_PHONE, "2"));
  await toldBeforeKill(contacts());
  book.phoneContacts();
  await book.idle();
  expect(await store.records.get(loginScope(LOGIN), ASKED_PHONE)).toBeUndefined();
});

test("contacts and the key that the phone gave are used after a kill that came right behind the acknowledgement", async () => {
  await toldBeforeKill(contacts(), { kind: "keys", masterKey: new Uint8Array(32).fill(9) });
  let fetched = 0;
  const asked: string[] = [];
  const book = opened(
    async () => {
      fetched += 1;
      return file(3_600, 4);
    },
    () => asked.push("the account's storage"),
  );
  // As at each connection.
  book.phoneContacts();
  book.refresh();
  await book.idle();
  expect(await timer()).toEqual({ seconds: 3_600, version: 4 });
  expect(asked).toEqual(["the account's storage"]);
  book.phoneContacts();
  await book.idle();
  expect(fetched).toBe(1);
});

test("files of contacts are read one after another, and a timer that came in a message meanwhile stays", async () => {
  await toldBeforeKill(contacts("first"), contacts("second"));
  const order: string[] = [];
  const goOn = Promise.withResolvers<void>();
  const book = opened(async (ref) => {
    const { key } = JSON.parse(ref) as { readonly key: string };
    order.push(`${key} begins`);
    await goOn.promise;
    order.push(`${key} ends`);
    return file(60, key === "first" ? 3 : 2);
  });
  book.phoneContacts();
  book.phoneContacts();
  await store.write((tx) =>
    tx.family(signalFamily).setTimer(LOGIN, BRAM as ChatId, { seconds: 5, version: 7 }),
  );
  goOn.resolve();
  await book.idle();
  expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  expect(await timer()).toEqual({ seconds: 5, version: 7 });
});

test("what is not read when the connection is closed is read on the next one, and nothing begins on the closed one", async () => {
  await toldBeforeKill(contacts());
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let fetched = 0;
  const fetch = async () => {
    fetched += 1;
    begun.resolve();
    await goOn.promise;
    return file(3_600, 4);
  };
  const closed = opened(fetch);
  closed.phoneContacts();
  await begun.promise;
  const closing = closed.close();
  goOn.resolve();
  await closing;
  closed.phoneContacts();
  await closed.idle();
  expect([fetched, await timer()]).toEqual([1, undefined]);
  const next = opened(fetch);
  next.phoneContacts();
  await next.idle();
  expect(await timer()).toEqual({ seconds: 3_600, version: 4 });
});

test("of two settings that the phone tells one by one in a moment neither is lost", async () => {
  await store.write((tx) =>
    tx.records.set(
      loginScope(LOGIN),
      "configuration",
      JSON.stringify({ readReceipts: false, typingIndicators: true }),
    ),
  );
  const chosen = () => new Configuration(store, LOGIN).get();
  expect(await chosen()).toEqual({ readReceipts: false, typingIndicators: true });
  const told = { kind: "configuration", linkPreviews: undefined } as const;
  await toldBeforeKill(
    { ...told, readReceipts: true, typingIndicators: undefined },
    { ...told, readReceipts: undefined, typingIndicators: false },
  );
  expect(await chosen()).toEqual({ readReceipts: true, typingIndicators: false });
});
