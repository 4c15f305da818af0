import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, LoginId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import type { MemoryClient } from "../kit/memory-client.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

let here: ProvisionedWorld;
let client: MemoryClient;
let management: RoomId;

const V3 = "/_matrix/provision/v3";
const PERSON = "/_matrix/provision/person/v1";
const ADMIN = "/_matrix/provision/admin/v1";

const zoe = {
  kind: "found",
  contact: {
    person: "Zoe" as PersonId,
    chat: "Zoe" as ChatId,
    name: "Zoe",
    reachability: "reachable",
  },
} as const;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  const { world } = here;
  here.tokens.access.set("ana-token", ANA).set("ben-token", BEN);
  ({ client, room: management } = await world.optsIn(ANA));
  await client.says("Bram", "m1", "hello");
  await settle();
  world.network.contacts.set("+31611", zoe);
});
afterEach(() => here[Symbol.asyncDispose]());

const get = async (path: string) => (await here.ask("GET", path)).body;
const put = (path: string, body: object) => here.ask("PUT", path, { body });
const post = (path: string, body: object = {}) => here.ask("POST", path, { body });

async function login(): Promise<LoginId> {
  const [first] = await here.world.store.logins.of(ANA, here.world.network.id);
  if (!first) throw new Error("no login");
  return first.id;
}

/** Ana writes to Bram what the network refuses. */
async function fails(text: string): Promise<void> {
  const { world } = here;
  const { room } = await world.portal(ANA, "Bram");
  client.faults.push({
    when: "before",
    error: new BridgeError("not-reachable", { words: "Bram turned it off.", certain: true }),
  });
  const event = world.text(ANA, room, text);
  if (event.kind === "message") world.homeserver.written.set(event.id, event);
  await world.push(event);
}

describe("the people somebody writes to", () => {
  test("are listed, found by what is typed, searched for, and written to", async () => {
    const { room } = await here.world.portal(ANA, "Bram");
    const bram = { id: "Bram", name: "Bram", dm_room_mxid: room, network_id: "whatsapp" };
    const contacts = await get(`${V3}/contacts`);
    expect(contacts).toMatchObject({
      contacts: [
        {
          ...bram,
          contact: {
            blocked: false,
            muted: false,
            trust: "unverified",
            can: { block: true, verify: true, report: true, quiet: false },
          },
        },
      ],
    });
    expect(await get(`${V3}/resolve_identifier/Bram`)).toMatchObject(bram);
    const found = await get(`${V3}/resolve_identifier/${encodeURIComponent("+31611")}`);
    expect(found).toMatchObject({ id: "Zoe", name: "Zoe", reachability: { state: "reachable" } });
    expect(found).not.toHaveProperty("dm_room_mxid");
    const nobody = await here.ask("GET", `${V3}/resolve_identifier/nobody`);
    expect([nobody.status, nobody.body.errcode, nobody.body.error]).toEqual([
      404,
      "M_NOT_FOUND",
      "Nobody there.",
    ]);
    expect(await post(`${V3}/search_users`, { query: "bra" })).toMatchObject({ body: { results: [bram] } });
    expect((await post(`${V3}/search_users`, { query: "+31611" })).body).toMatchObject({
      results: [{ id: "Zoe" }],
    });
    const made = await post(`${V3}/create_dm/${encodeURIComponent("+31611")}`);
    const { room: opened } = await here.world.portal(ANA, "Zoe");
    expect([made.status, made.body]).toMatchObject([201, { id: "Zoe", dm_room_mxid: opened }]);
    const again = await post(`${V3}/create_dm/Zoe?login_id=${await login()}`);
    expect([again.status, again.body]).toMatchObject([200, { dm_room_mxid: opened }]);
  });

  test("who cannot be reached, and a network that is not connected, are said in words", async () => {
    const off = { ...zoe, contact: { ...zoe.contact, reachability: "off" } } as const;
    here.world.network.contacts.set("+31622", off);
    const refused = await post(`${V3}/create_dm/${encodeURIComponent("+31622")}`);
    expect([refused.status, refused.body.error]).toEqual([
      404,
      expect.stringContaining("turned off in their WhatsApp"),
    ]);
    client.state = { kind: "waiting", words: "It is away." };
    const away = await here.ask("GET", `${V3}/resolve_identifier/${encodeURIComponent("+31611")}`);
    expect([away.status, away.body.error]).toEqual([503, expect.stringContaining("not connected")]);
  });

  test("are blocked, muted and verified as by the bot's commands", async () => {
    expect((await put(`${PERSON}/contacts/Bram/blocked`, { blocked: true })).status).toBe(200);
    expect(client.blocked).toEqual(new Set(["Bram"]));
    await put(`${PERSON}/contacts/Bram/muted`, { muted: true });
    const number = await here.ask("GET", `${PERSON}/contacts/Bram/safety_number`);
    expect(number.body).toEqual({
      digits: "1234567890".repeat(6),
      scannable: "AQID",
      picture: "AQID",
      trust: "unverified",
    });
    const other = await put(`${PERSON}/contacts/Bram/trust`, { trust: "verified", digits: "0".repeat(60) });
    expect([other.status, other.body.errcode]).toEqual([409, "M_BAD_STATE"]);
    await put(`${PERSON}/contacts/Bram/trust`, { trust: "verified", digits: "1234567890".repeat(6) });
    expect(await get(`${V3}/contacts`)).toMatchObject({
      contacts: [{ contact: { blocked: true, muted: true, trust: "verified" } }],
    });
    await here.world.says(ANA, management, "verify whatsapp Bram");
    expect(here.world.homeserver.shown(management).join("\n")).toContain("(verified)");
    await put(`${PERSON}/contacts/Bram/blocked`, { blocked: false });
    await put(`${PERSON}/contacts/Bram/trust`, { trust: "unverified" });
    expect(client.blocked.size).toBe(0);
  });

  test("what failed is listed without what it says, sent again, or offered no more", async () => {
    await fails("a secret word");
    const one = await get(`${PERSON}/failures`);
    expect(one).toMatchObject({ failures: [{ chat: "Bram", name: "Bram", messages: [{}] }] });
    expect(JSON.stringify(one)).not.toContain("secret");
    const path = `${PERSON}/failures/${await login()}/Bram`;
    expect((await post(`${path}/retry`)).body).toEqual({ sent: 1, refused: 0, unread: 0 });
    await settle();
    expect(Array.from(client.received.values())).toEqual(["a secret word"]);
    expect(await get(`${PERSON}/failures`)).toEqual({ failures: [] });
    await fails("another");
    expect((await post(`${path}/discard`)).body).toEqual({ discarded: 1 });
    expect(await get(`${PERSON}/failures`)).toEqual({ failures: [] });
    expect((await post(`${path}/retry`)).body).toEqual({ sent: 0, refused: 0, unread: 0 });
    await here.world.says(ANA, management, "retry whatsapp Bram");
    expect(here.world.homeserver.shown(management).at(-1)).toContain("Nothing you wrote to Bram has failed");
  });

  test("another person's login, chat and contact are nobody's", async () => {
    const id = await login();
    const asBen = { token: "ben-token", body: { blocked: true } };
    const answers = await Promise.all([
      here.ask("GET", `${V3}/contacts?login_id=${id}`, { token: "ben-token" }),
      here.ask("GET", `${V3}/contacts?login_id=nothing`, { token: "ben-token" }),
      here.ask("PUT", `${PERSON}/contacts/Bram/blocked?login_id=${id}`, asBen),
      here.ask("POST", `${PERSON}/failures/${id}/Bram/retry`, asBen),
      here.ask("POST", `${PERSON}/failures/nothing/Bram/retry`, asBen),
      here.ask("GET", `${PERSON}/logins/${id}/removal`, { token: "ben-token" }),
      here.ask("POST", `${V3}/logout/${id}`, asBen),
      here.ask("POST", `${V3}/login/start/quill.qr?login_id=${id}`, asBen),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(404));
    expect(new Set(answers.map(({ body }) => body.error)).size).toBeLessThan(3);
    expect(client.blocked.size).toBe(0);
    const none = await here.ask("GET", `${V3}/contacts`, { token: "ben-token" });
    expect([none.status, none.body.errcode]).toEqual([400, "FI.MAU.NOT_LOGGED_IN"]);
  });
});

test("a request is shown with its contact, accepted and declined", async () => {
  here.world.puppets.there = true;
  await client.says("Carla", "c1", "hello");
  await settle();
  const { room } = await here.world.portal(ANA, "Carla");
  const request = async () => {
    const { contacts } = (await get(`${V3}/contacts`)) as unknown as {
      contacts: readonly { id: string; contact: { request: boolean } }[];
    };
    return contacts.map(({ id, contact }) => [id, contact.request]);
  };
  expect(await request()).toEqual([
    ["Bram", false],
    ["Carla", true],
  ]);
  expect((await put(`${PERSON}/contacts/Carla/request`, { answer: "decline" })).status).toBe(200);
  expect(here.world.homeserver.room(room).members.get(ANA)).toBe("leave");
  await here.world.moves(ANA, room, "leave");
  expect((await put(`${PERSON}/contacts/Carla/request`, { answer: "accept" })).status).toBe(200);
  expect(here.world.homeserver.room(room).members.get(ANA)).toBe("join");
  expect(await request()).toEqual([
    ["Bram", false],
    ["Carla", false],
  ]);
  expect((await put(`${PERSON}/contacts/Nobody/request`, { answer: "accept" })).status).toBe(404);
});

describe("what a person chooses", () => {
  test("is shown and changed: inbox, receipts, statuses, and what networks ask", async () => {
    expect(await get(`${PERSON}/settings`)).toMatchObject({
      settings: [
        { name: "inbox", value: "combined", choices: ["separate", "combined"] },
        { name: "receipts", value: "on" },
        { name: "statuses", value: "auto", choices: ["auto", "on", "off"] },
        { name: "calls", value: "on", choices: ["on", "off"] },
        { name: "stories", value: "on", choices: ["on", "off"] },
        { name: "requests", value: "on", choices: ["on", "off"] },
        { name: "country", words: expect.stringContaining("in the EEA") },
      ],
    });
    const inbox = await put(`${PERSON}/settings/inbox`, { value: "separate" });
    expect(inbox.body).toMatchObject({ value: "separate" });
    expect(await here.world.bridge.scope.spaces.mode(ANA)).toBe("separate");
    await put(`${PERSON}/settings/receipts`, { value: "off" });
    await here.world.says(ANA, management, "receipts");
    expect(here.world.homeserver.shown(management).at(-1)).toContain("Read receipts are off.");
    await put(`${PERSON}/settings/statuses`, { value: "off" });
    await here.world.says(ANA, management, "statuses");
    expect(here.world.homeserver.shown(management).at(-1)).toContain("Statuses are off.");
    const outside = await put(`${PERSON}/settings/country`, { value: "US" });
    expect(outside.body).toMatchObject({ words: expect.stringContaining("disable whatsapp") });
    const nowhere = await put(`${PERSON}/settings/country`, { value: "Atlantis" });
    expect(nowhere.status).toBe(400);
    expect((await put(`${PERSON}/settings/inbox`, { value: "elsewhere" })).status).toBe(404);
    expect((await put(`${PERSON}/settings/colour`, { value: "red" })).status).toBe(404);
  });

  test("networks say how they are, since when, and what goes when they are turned off", async () => {
    const id = await login();
    expect(await get(`${PERSON}/networks`)).toMatchObject({
      networks: [
        {
          id: "whatsapp",
          state: "WhatsApp is on and connected.",
          can_log_in: false,
          accounts: [{ login_id: id, chats: 1, consent: { version: 1, outdated: false } }],
        },
        { id: "quill", state: "Quill is off.", can_log_in: true, accounts: [] },
      ],
    });
    expect((await get(`/quill${PERSON}/networks`)) as unknown).toMatchObject({ networks: [{ id: "quill" }] });
    expect(await get(`/quill${V3}/whoami`)).toMatchObject({
      network: { displayname: "Quill", network_id: "quill" },
    });
    expect(await get(`${PERSON}/logins/${id}/removal`)).toMatchObject({
      chats: 1,
      words: expect.arrayContaining([expect.stringContaining("One chat becomes read-only")]),
    });
    here.world.network.ownApp = true;
    const said = [await get(`${PERSON}/networks`), await get(`${PERSON}/logins/${id}/removal`)];
    expect(JSON.stringify(said)).toMatch(/"own_app":true.*"own_app":false.*WhatsApp account stays as it is/);
    await post(`${V3}/logout/all`);
    expect(await get(`${PERSON}/networks`)).toMatchObject({ networks: [{ state: "WhatsApp is off." }, {}] });
  });
});

describe("an administrator", () => {
  test("sees everybody's logins, the queues, and what was given up, without what it says; nobody else does", async () => {
    await fails("a secret word");
    for (const path of ["logins", "queues", "dead_letters"]) {
      const refused = await here.ask("GET", `${ADMIN}/${path}`);
      expect([refused.status, refused.body.errcode]).toEqual([403, "M_FORBIDDEN"]);
    }
    here.world.admins.add(BEN);
    const ask = async (path: string) =>
      (await here.ask("GET", `${ADMIN}/${path}`, { token: "ben-token" })).body;
    expect(await ask("logins")).toMatchObject({
      logins: [
        {
          user_id: ANA,
          network_id: "whatsapp",
          configured: true,
          state: { state_event: "CONNECTED" },
          lost: 1,
        },
      ],
    });
    expect(await ask("queues")).toMatchObject({
      queues: [{ name: "matrix_inbox", rows: 0, lanes: 0 }, {}, {}, {}],
    });
    const letters = await ask("dead_letters?limit=5");
    expect(letters).toMatchObject({ dead_letters: [{ direction: "to-network", reason: "not-reachable" }] });
    expect(JSON.stringify(letters)).not.toContain("secret");
    const wrong = await here.ask("GET", `${ADMIN}/dead_letters?limit=-1`, { token: "ben-token" });
    expect(wrong.status).toBe(400);
  });
});

test("the well-known file names an address for each network", async () => {
  const { status, body } = await here.ask("GET", "/.well-known/matrix/mautrix", { token: null });
  expect([status, body]).toEqual([
    200,
    { "fi.mau.bridges": ["https://chats.test/whatsapp", "https://chats.test/quill"] } as unknown,
  ]);
});
