import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Agent } from "undici";
import type { ChatId, LoginId, NetworkId, PersonId } from "../../../../src/core/model/ids.ts";
import { noLog as quietLog } from "../../../../src/core/ports/log.ts";
import type { Store } from "../../../../src/core/ports/store.ts";
import { AccountSync } from "../../../../src/networks/signal/contacts/account-sync.ts";
import { contactRecord } from "../../../../src/networks/signal/contacts/kept-record.ts";
import { chatWith, personOf } from "../../../../src/networks/signal/ids.ts";
import { signalFamily } from "../../../../src/networks/signal/records.ts";
import { StorageService } from "../../../../src/networks/signal/service/storage-service.ts";
import { StorageKeys } from "../../../../src/networks/signal/storage/storage-keys.ts";
import { StoredAccount } from "../../../../src/networks/signal/storage/stored-account.ts";
import { StorageItemsSchema } from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { openStore } from "../../../../src/store/open.ts";
import type { Person } from "../../../../tools/signal-mock/person.ts";
import { SignalMock } from "../../../../tools/signal-mock/signal-mock.ts";
import { login, portal } from "../../../contract/store-fixtures.ts";
import { RecordingSink } from "../../../kit/recording-sink.ts";

const LOGIN = "login-a" as LoginId;
const NOW = 1_800_000_000_000;

/** The account's storage of one person, at Signal's mock server, and a bridge's view of it. */
class Scene implements AsyncDisposable {
  readonly mock: SignalMock;
  readonly ana: Person;
  readonly bram: Person;
  readonly store: Store = openStore({ path: ":memory:", log: quietLog });
  readonly sink = new RecordingSink(this.store, LOGIN);
  readonly agent: Agent;
  told = 0;
  /** The chats that were accepted on the phone. */
  readonly accepted: ChatId[] = [];
  /** Whether the service gives out records that nobody can read. */
  isDamaged = false;
  /** Does something at the service between what is read there and what is written. */
  meanwhile: (() => Promise<void>) | undefined;

  private constructor(mock: SignalMock, ana: Person, bram: Person) {
    this.mock = mock;
    this.ana = ana;
    this.bram = bram;
    this.agent = new Agent({ connect: { ca: mock.ca } });
  }

  static async start(): Promise<Scene> {
    const mock = await SignalMock.start();
    return new Scene(mock, await mock.person("Ana"), await mock.person("Bram"));
  }

  get bramId(): PersonId {
    return personOf(this.bram.aci) as PersonId;
  }

  sync(): AccountSync {
    const service = new StorageService({
      address: `https://localhost:${this.mock.port}/storageService`,
      dispatcher: this.agent,
      userAgent: "tests",
      credentials: () => this.mock.server.getStorageAuth(this.ana.phone.device),
      stopping: new AbortController().signal,
    });
    const account = new StoredAccount({
      service: {
        manifestAfter: (version) => service.manifestAfter(version),
        read: async (operation) => {
          const items = fromBinary(StorageItemsSchema, await service.read(operation));
          if (this.isDamaged) for (const item of items.items) item.value = new Uint8Array(40);
          return toBinary(StorageItemsSchema, items);
        },
        write: async (operation) => {
          const act = this.meanwhile;
          this.meanwhile = undefined;
          await act?.();
          return service.write(operation);
        },
      },
      keys: new StorageKeys(this.ana.phone.masterKey),
      device: 2,
    });
    return new AccountSync({
      login: LOGIN,
      store: this.store,
      sink: this.sink,
      account: async () => account,
      readGroups: async () => undefined,
      accepted: (chat) => void this.accepted.push(chat),
      tellDevices: async () => void this.told++,
      clock: { now: () => NOW },
      log: quietLog,
    });
  }

  /** What Ana's phone keeps about Bram. */
  async keeps(diff: Parameters<Awaited<ReturnType<Person["phone"]["expectStorageState"]>>["addContact"]>[1]) {
    const before = await this.ana.phone.expectStorageState("before");
    const without = before.getContact(this.bram.phone) ? before.removeContact(this.bram.phone) : before;
    await this.ana.phone.setStorageState(without.addContact(this.bram.phone, diff), before);
  }

  async kept() {
    return (await this.ana.phone.expectStorageState("after")).getContact(this.bram.phone);
  }

  recipient() {
    return this.store.family(signalFamily).recipient(LOGIN, this.bramId);
  }

  /** There is a room for the chat with Bram, or with his number. */
  async hasChat(person: PersonId): Promise<void> {
    const chat = chatWith(person);
    const network = "signal" as NetworkId;
    await this.store.write((tx) => {
      tx.logins.add(login({ id: LOGIN, network }));
      tx.portals.add(portal({ login: LOGIN, chat, person, network }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.close();
    await this.store[Symbol.asyncDispose]();
    await this.mock[Symbol.asyncDispose]();
  }
}

describe("what an account keeps about its contacts", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  test("is read once, and again only what is new", async () => {
    const profileKey = Uint8Array.from(scene.bram.phone.profileKey.serialize());
    await scene.keeps({ profileKey, systemGivenName: "Bram", systemFamilyName: "de Wit", whitelisted: true });
    await scene.sync().read();
    const first = await scene.recipient();
    expect(first).toMatchObject({
      profileKey,
      stored: { contactName: "Bram de Wit", number: scene.bram.number, accepted: true, blocked: false },
    });
    await scene.sync().read();
    expect(await scene.recipient()).toEqual(first);
    await scene.keeps({ nickname: { given: "Brammetje", family: null } });
    await scene.sync().read();
    expect((await scene.recipient())?.stored).toMatchObject({ nickname: "Brammetje", accepted: false });
    expect((await scene.recipient())?.profileKey).toEqual(profileKey);
  });

  test("tells of whom the person blocked, and unblocked, on their phone", async () => {
    await scene.keeps({ blocked: true });
    await scene.sync().read();
    await scene.keeps({ blocked: false });
    await scene.sync().read();
    expect(scene.sink.events).toMatchObject([
      { kind: "blocked", person: scene.bramId, blocked: true, sender: undefined },
      { kind: "blocked", person: scene.bramId, blocked: false },
    ]);
  });

  test("tells what the person did about a chat on their phone: quiet, unread, accepted", async () => {
    await scene.hasChat(scene.bramId);
    await scene.keeps({ whitelisted: true, markedUnread: true, mutedUntilTimestamp: BigInt(NOW + 5_000) });
    await scene.sync().read();
    await scene.keeps({ whitelisted: true, mutedUntilTimestamp: 2n ** 63n - 1n });
    await scene.sync().read();
    await scene.keeps({ whitelisted: true });
    await scene.sync().read();
    expect(scene.sink.events).toMatchObject([
      { kind: "request-answered", accepted: true },
      { kind: "muted", muted: true, until: NOW + 5_000 },
      { kind: "marked-unread", unread: true },
      { kind: "muted", muted: true },
      { kind: "marked-unread", unread: false },
      { kind: "muted", muted: false },
    ]);
    expect(scene.sink.events[3]).not.toHaveProperty("until");
    expect(scene.accepted).toEqual([chatWith(scene.bramId)]);
  });

  test("says whose account a number is that there is a chat with, and nothing of chats there are none with", async () => {
    const number = personOf(scene.bram.pni) as PersonId;
    await scene.keeps({
      pniBinary: scene.bram.phone.device.pniRawUuid ?? null,
      mutedUntilTimestamp: 2n ** 60n,
    });
    await scene.sync().read();
    expect(scene.sink.events).toEqual([]);
    await scene.hasChat(number);
    await scene.keeps({ pniBinary: scene.bram.phone.device.pniRawUuid ?? null, markedUnread: true });
    await scene.sync().read();
    expect(scene.sink.events[0]).toMatchObject({
      kind: "joined",
      chat: scene.bramId,
      sender: scene.bramId,
      was: { chat: number, person: number },
    });
  });

  test("a chat with a number goes on in the account's with its timer, so that no message of ours switches it", async () => {
    const number = personOf(scene.bram.pni) as PersonId;
    await scene.hasChat(number);
    const timer = { seconds: 3_600, version: 2 };
    await scene.store.write((tx) => tx.family(signalFamily).setTimer(LOGIN, chatWith(number), timer));
    await scene.keeps({ pniBinary: scene.bram.phone.device.pniRawUuid ?? null });
    await scene.sync().read();
    const signal = scene.store.family(signalFamily);
    expect(await signal.timer(LOGIN, chatWith(scene.bramId))).toEqual(timer);
    expect(await signal.timer(LOGIN, chatWith(number))).toBeUndefined();
  });

  test("changes by us are on the phone, with all that we do not know of the record", async () => {
    await scene.keeps({ note: "met in Utrecht", givenName: "Bram", whitelisted: true });
    await scene.sync().change(contactRecord({ login: LOGIN, store: scene.store }, scene.bramId), (record) => {
      record.blocked = true;
    });
    expect(await scene.kept()).toMatchObject({ blocked: true, note: "met in Utrecht", whitelisted: true });
    expect(scene.told).toBe(1);
    expect((await scene.recipient())?.stored?.blocked).toBe(true);
    // What we wrote ourselves is no news.
    await scene.sync().read();
    expect(scene.sink.events).toEqual([]);
  });

  test("a change by us and one of the phone in the same moment both stand", async () => {
    await scene.keeps({ whitelisted: false });
    scene.meanwhile = () => scene.keeps({ whitelisted: true, note: "of the phone" });
    await scene.sync().change(contactRecord({ login: LOGIN, store: scene.store }, scene.bramId), (record) => {
      record.blocked = true;
    });
    expect(await scene.kept()).toMatchObject({ blocked: true, whitelisted: true, note: "of the phone" });
    expect((await scene.recipient())?.stored).toMatchObject({ blocked: true, accepted: true });
  });

  test("somebody who is not kept yet gets a record", async () => {
    await scene.sync().change(contactRecord({ login: LOGIN, store: scene.store }, scene.bramId), (record) => {
      record.whitelisted = true;
    });
    expect(await scene.kept()).toMatchObject({ whitelisted: true });
  });

  test("somebody who is kept no more is forgotten", async () => {
    await scene.keeps({ blocked: true });
    await scene.sync().read();
    const before = await scene.ana.phone.expectStorageState("before");
    await scene.ana.phone.setStorageState(before.removeContact(scene.bram.phone), before);
    await scene.sync().read();
    expect((await scene.recipient())?.stored).toBeUndefined();
    expect(scene.sink.events.at(-1)).toMatchObject({ kind: "blocked", blocked: false });
  });

  test("a record that cannot be read is not written over", async () => {
    await scene.keeps({ note: "met in Utrecht", whitelisted: true });
    await scene.sync().read();
    scene.isDamaged = true;
    const change = scene
      .sync()
      .change(contactRecord({ login: LOGIN, store: scene.store }, scene.bramId), (record) => {
        record.blocked = true;
      });
    await expect(change).rejects.toMatchObject({ words: expect.stringContaining("cannot be read here") });
    expect(await scene.kept()).toMatchObject({ note: "met in Utrecht", whitelisted: true, blocked: false });
  });

  test("whose newer record cannot be read is no less blocked", async () => {
    await scene.keeps({ blocked: true });
    await scene.sync().read();
    scene.isDamaged = true;
    await scene.keeps({ blocked: true, note: "changed" });
    await scene.sync().read();
    expect((await scene.recipient())?.stored?.blocked).toBe(true);
    expect(scene.sink.events).toMatchObject([{ kind: "blocked", blocked: true }]);
  });

  test("an account whose storage begins anew, at an earlier version, is read and written as any other", async () => {
    await scene.keeps({ note: "of the phone" });
    await scene.store.write((tx) => tx.family(signalFamily).setStorageVersion(LOGIN, 1_000n));
    await scene.sync().change(contactRecord({ login: LOGIN, store: scene.store }, scene.bramId), (record) => {
      record.blocked = true;
    });
    expect(await scene.kept()).toMatchObject({ blocked: true, note: "of the phone" });
  });
});
