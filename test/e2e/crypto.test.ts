import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type OutboxId, type RoomId, type UserId } from "../../src/core/model/ids.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { Machines } from "../../src/matrix/crypto/machines.ts";
import { Receiver } from "../../src/matrix/crypto/receiver.ts";
import { Sender } from "../../src/matrix/crypto/sender.ts";
import { Requests, route } from "../../src/matrix/http/requests.ts";
import { buildRegistration } from "../../src/matrix/registration/registration.ts";
import { writeRegistration } from "../../src/matrix/registration/registration-file.ts";
import { openStore } from "../../src/store/open.ts";
import { CryptoClient } from "../kit/crypto-client.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { e2eTimeout } from "../kit/world.ts";

const clock = { now: () => Date.now() };
const log = { error() {}, warn() {}, info() {}, debug() {} };
const BOT = "@bridge:localhost" as UserId;
const GHOST = "@ghost_bram:localhost" as UserId;

describe("the keys of the bridge's users, on a real Synapse", () => {
  const stack = new AsyncDisposableStack();
  let synapse: TestSynapse;
  let requests: Requests;
  let store: Store;
  let machines: Machines;
  let receiver: Receiver;
  let sender: Sender;
  let since: string | undefined;

  beforeAll(async () => {
    const { path: folder } = stack.use(temporaryFolder());
    const registration = buildRegistration({
      id: "bridge",
      url: "http://127.0.0.1:1",
      botLocalpart: "bridge",
      prefix: "ghost_",
      serverName: "localhost",
      protocols: [],
    });
    const file = join(folder, "registration.yaml");
    await writeRegistration(file, registration, {});
    synapse = stack.use(await TestSynapse.start({ registrations: [file] }));
    requests = stack.use(new Requests({ homeserverUrl: synapse.url, asToken: registration.as_token }));
    for (const username of ["bridge", "ghost_bram"])
      await requests.ask({
        method: "POST",
        path: route`/_matrix/client/v3/register`,
        body: { type: "m.login.application_service", username, inhibit_login: true },
      });
    for (const name of ["ana", "eve", "old"]) await synapse.person(name);
    store = openStore({ path: join(folder, "bridge.db"), log });
    stack.use(store);
    machines = stack.use(new Machines({ store, requests, bot: BOT, deviceName: "Bridge" }));
    receiver = new Receiver({ machines, store, bot: BOT, trust: "any", clock });
    sender = new Sender(machines, clock);
    await receiver.device();
  }, e2eTimeout);
  afterAll(() => stack.disposeAsync(), e2eTimeout);

  /** Syncs as the bot's device until an event is there, taking the keys before it. */
  async function received(room: string, id: string): Promise<unknown> {
    for (;;) {
      const device = await receiver.device();
      const sync = (await requests.json({
        method: "GET",
        path: route`/_matrix/client/v3/sync`,
        query: { device_id: device, timeout: "5000", ...(since !== undefined && { since }) },
        as: BOT,
      })) as unknown as {
        next_batch: string;
        to_device?: { events: unknown[] };
        device_lists?: { changed?: string[]; left?: string[] };
        device_one_time_keys_count?: Record<string, number>;
        device_unused_fallback_key_types?: string[];
        rooms?: { join?: Record<string, { timeline: { events: { event_id: string }[] } }> };
      };
      since = sync.next_batch;
      await receiver.receive({
        toDevice: sync.to_device?.events ?? [],
        changed: sync.device_lists?.changed ?? [],
        left: sync.device_lists?.left ?? [],
        oneTimeKeys: sync.device_one_time_keys_count ?? {},
        unusedFallbackKeys: sync.device_unused_fallback_key_types ?? [],
      });
      const event = sync.rooms?.join?.[room]?.timeline.events.find((one) => one.event_id === id);
      if (event) return event;
    }
  }

  async function invited(client: CryptoClient): Promise<string> {
    const room = await client.makeRoom(BOT, GHOST);
    for (const as of [BOT, GHOST])
      await requests.json({ method: "POST", path: route`/_matrix/client/v3/join/${room}`, body: {}, as });
    return room;
  }

  async function says(who: UserId, room: string, body: string, people: readonly string[]): Promise<void> {
    const event = { room: room as RoomId, sender: who, type: "m.room.message" };
    const content = await sender.encrypt(
      { ...event, content: { msgtype: "m.text", body }, people: people as readonly UserId[] },
      () => undefined,
    );
    const id = crypto.randomUUID() as OutboxId;
    await requests.json({
      method: "PUT",
      path: route`/_matrix/client/v3/rooms/${room}/send/m.room.encrypted/${id}`,
      body: JSON.parse(content),
      as: who,
    });
  }

  test("an ordinary client's message is read, and bot and ghost are read without a shield", async () => {
    await using ana = await CryptoClient.start(synapse.url, "ana");
    const room = await invited(ana);
    const id = await ana.send(room, { msgtype: "m.text", body: "hello bridge" });
    const opened = await receiver.open(await received(room, id), room as RoomId);
    expect(opened).toMatchObject({ kind: "clear", event: { content: { body: "hello bridge" } } });
    for (const who of [BOT, GHOST]) {
      const shown = ana.shows(`what ${who} says`, ({ content }) => content["body"] === `by ${who}`);
      await says(who, room, `by ${who}`, [ana.user]);
      expect(await shown).toMatchObject({ sender: who, encrypted: true, failure: null, shield: 0 });
    }
  });

  test("a strict client, for which only signed devices count, reads both and is read", async () => {
    await using eve = await CryptoClient.start(synapse.url, "eve", ["strict"]);
    const room = await invited(eve);
    const id = await eve.send(room, { msgtype: "m.text", body: "strictly" });
    const opened = await receiver.open(await received(room, id), room as RoomId);
    expect(opened).toMatchObject({ kind: "clear", event: { content: { body: "strictly" } } });
    for (const who of [BOT, GHOST]) {
      const shown = eve.shows(`what ${who} says`, ({ content }) => content["body"] === `by ${who}`);
      await says(who, room, `by ${who}`, [eve.user]);
      expect(await shown).toMatchObject({ sender: who, encrypted: true, failure: null, shield: 0 });
    }
  });

  test("a person without cross-signing is read where any device is trusted", async () => {
    await using old = await CryptoClient.start(synapse.url, "old", ["unsigned"]);
    const room = await invited(old);
    const id = await old.send(room, { msgtype: "m.text", body: "as ever" });
    const event = await received(room, id);
    expect(await receiver.open(event, room as RoomId)).toMatchObject({ kind: "clear" });
    const demanding = new Receiver({ machines, store, bot: BOT, trust: "cross-signed", clock });
    expect(await demanding.open(event, room as RoomId)).toEqual({ kind: "closed", why: "unsigned" });
  });
});
