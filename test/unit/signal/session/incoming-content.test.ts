import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type {
  ChatId,
  LoginId,
  MessageId,
  NetworkId,
  PersonId,
  UserId,
} from "../../../../src/core/model/ids.ts";
import type { Store } from "../../../../src/core/ports/store.ts";
import { chatWith, serviceIdOf } from "../../../../src/networks/signal/ids.ts";
import type { LoginContext } from "../../../../src/networks/signal/login-context.ts";
import { type StoredContact, signalFamily } from "../../../../src/networks/signal/records.ts";
import { type Batch, newBatch } from "../../../../src/networks/signal/session/batch.ts";
import { Configuration } from "../../../../src/networks/signal/session/configuration.ts";
import { IncomingContent } from "../../../../src/networks/signal/session/incoming-content.ts";
import { IncomingSync } from "../../../../src/networks/signal/session/incoming-sync.ts";
import type { ContentBody } from "../../../../src/networks/signal/wire/content.ts";
import type { SignalTransaction } from "../../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../../src/store/open.ts";
import { login as loginRow, portal } from "../../../contract/store-fixtures.ts";
import { LogLines } from "../../../kit/fake-homeserver-world.ts";
import { noGroups } from "../../../kit/signal/no-groups.ts";

const OWN = "9d0652a3-dcc3-4d11-975f-74d61598733f" as PersonId;
const EVE = "796abedb-ca4e-4f18-8803-1fde5b921f9f" as PersonId;
const login = "login-1" as LoginId;

let store: Store;
let log: LogLines;
let batch: Batch;
let content: IncomingContent;
let seen: [PersonId, boolean][];
let confirmed: MessageId[];

beforeEach(() => {
  log = new LogLines();
  seen = [];
  confirmed = [];
  store = openStore({ path: ":memory:", log });
  const context = {
    login,
    network: "signal",
    user: "@ana:test" as UserId,
    own: OWN,
    store,
    log,
  } as unknown as LoginContext;
  batch = newBatch({} as SignalTransaction);
  const people = {
    seen: (person: PersonId, isKeyNew: boolean) => void seen.push([person, isKeyNew]),
    firstName: async () => undefined,
  };
  const configuration = new Configuration(store, login);
  const sync = new IncomingSync(context, { configuration, handlers: {}, groups: noGroups });
  const receipts = {
    delivered: (_chat: ChatId, _sender: PersonId, ids: readonly MessageId[]) => void confirmed.push(...ids),
  };
  content = new IncomingContent(context, { sync, people, receipts, groups: noGroups });
});
afterEach(async () => store[Symbol.asyncDispose]());

const take = (sender: PersonId, body: ContentBody) =>
  content.take(
    batch,
    { sender, device: 1, timestamp: 1_700_000_000_000, at: 1_700_000_000_500 },
    body,
    "aci",
    new Uint8Array(),
  );
const data = {
  kind: "data",
  data: {
    timestamp: 1_700_000_000_000,
    timer: { seconds: 0, version: 0 },
    payload: { kind: "message", body: "hello", ranges: [], attachments: [], previews: [] },
  },
} as const;

describe("who may say what", () => {
  test("a contact tells nothing in the name of our other devices", async () => {
    await take(EVE, { kind: "sync", sync: { kind: "read", messages: [{ author: EVE, timestamp: 5 }] } });
    await take(EVE, {
      kind: "sync",
      sync: {
        kind: "sent",
        timestamp: 1_700_000_000_000,
        destination: EVE,
        sent: data,
        recipientUpdate: false,
        recipients: [],
      },
    });
    await take(EVE, {
      kind: "sync",
      sync: { kind: "configuration", readReceipts: false, typingIndicators: false, linkPreviews: undefined },
    });
    expect([batch.events, batch.writes, batch.afterwards]).toEqual([[], [], []]);
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(3);
  });

  test("our own devices write to us only by telling what they sent", async () => {
    await take(OWN, data);
    await take(OWN, { kind: "receipt", receipt: "read", timestamps: [1_700_000_000_000] });
    await take(OWN, { kind: "typing", typing: true, at: 1 });
    expect([batch.events, batch.receipts, batch.signals]).toEqual([[], [], []]);
  });

  test("a message of a group that is not admitted is left out, and typing in a group that is not known", async () => {
    await take(EVE, {
      ...data,
      data: { ...data.data, group: { masterKey: new Uint8Array(32), revision: 1 } },
    });
    await take(EVE, { kind: "typing", typing: true, at: 1, group: new Uint8Array(32) });
    expect([batch.events, batch.signals]).toEqual([[], []]);
    expect(seen).toEqual([]);
  });

  test("receipts count each message once, and say nothing where they name none", async () => {
    await take(EVE, { kind: "receipt", receipt: "viewed", timestamps: [7, 7, 8] });
    await take(EVE, { kind: "receipt", receipt: "delivery", timestamps: [] });
    expect(batch.receipts).toEqual([
      { chat: EVE, person: EVE, kind: "played", ids: [`${OWN}/7`, `${OWN}/8`] },
    ]);
  });
});

test("an edit is confirmed by itself where its chat has a room, and with its message where it has none yet", async () => {
  const edit = async () => {
    batch = newBatch({} as SignalTransaction);
    await take(EVE, { kind: "edit", target: 1_600_000_000_000, data: data.data });
    for (const act of batch.afterwards) act();
    return confirmed.length;
  };
  expect(await edit()).toBe(0);
  const network = "signal" as NetworkId;
  await store.write((tx) => {
    tx.logins.add(loginRow({ id: login, network }));
    tx.portals.add(portal({ login, network, chat: chatWith(EVE), person: EVE }));
  });
  expect(await edit()).toBe(1);
});

test("who is mentioned is called what they call themselves, and never by a name of our person's address book", async () => {
  const stored: StoredContact = {
    pni: undefined,
    number: undefined,
    username: undefined,
    contactName: "Eve from the bank",
    nickname: "Evil Eve",
    blocked: false,
    accepted: true,
    markedUnread: false,
    mutedUntil: 0,
    storageId: new Uint8Array(16),
  };
  await store.write((tx) => tx.family(signalFamily).setStored(login, EVE, stored));
  const ranges = [{ start: 0, length: 1, mark: { mention: serviceIdOf(EVE) } }];
  const payload = { ...data.data.payload, body: "\ufffc", ranges };
  const texts: unknown[] = [];
  const mention = async () => {
    batch = newBatch({} as SignalTransaction);
    await take(EVE, { ...data, data: { ...data.data, payload } });
    const [event] = batch.events;
    texts.push(
      event?.kind === "message" && event.message.parts.map((part) => part.kind === "text" && part.body.text),
    );
  };
  await mention();
  const ghost = {
    network: "signal" as NetworkId,
    person: EVE,
    user: "@signal_eve:test" as UserId,
    name: "Eve",
  };
  await store.write((tx) =>
    tx.ghosts.add({ ...ghost, profile: "none", shown: "", avatar: "", picture: undefined }),
  );
  await mention();
  await store.write((tx) =>
    tx.family(signalFamily).setProfile(login, EVE, { name: "Eva", avatar: "", at: 1 }),
  );
  await mention();
  expect(texts).toEqual([["@somebody"], ["@Eve"], ["@Eva"]]);
});

test("a message tells whether it brings another profile key", async () => {
  const withKey = (fill: number) => ({
    ...data,
    data: { ...data.data, profileKey: new Uint8Array(32).fill(fill) },
  });
  for (const body of [data, withKey(1), withKey(1), withKey(2)]) {
    batch = newBatch({} as SignalTransaction);
    await take(EVE, body);
    await store.write((tx) => batch.writes.forEach((write) => write(tx)));
    for (const act of batch.afterwards) act();
  }
  expect(seen).toEqual([
    [EVE, false],
    [EVE, true],
    [EVE, false],
    [EVE, true],
  ]);
});
