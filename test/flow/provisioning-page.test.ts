import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { keepsMessages } from "../kit/kept-messages.ts";
import type { MemoryClient } from "../kit/memory-client.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

let here: ProvisionedWorld;
let client: MemoryClient;
let management: RoomId;

const PERSON = "/_matrix/provision/person/v1";
const BRAM = `${PERSON}/contacts/Bram`;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA).set("ben-token", BEN);
  ({ client, room: management } = await here.world.optsIn(ANA));
  await client.says("Bram", "m1", "hello");
  await here.world.clock.advance(1_000);
  await client.says("Bram", "m2", "buy this");
  await settle();
});
afterEach(() => here[Symbol.asyncDispose]());

interface Events {
  readonly at: string;
  readonly changed: readonly string[];
}

async function events(since?: string, token = "ana-token"): Promise<Events> {
  const query = since === undefined ? "" : `?since=${since}`;
  const { status, body } = await here.ask("GET", `${PERSON}/events${query}`, { token });
  expect(status).toBe(200);
  return body as unknown as Events;
}

/** Sends requests that wait, and resolves once each of them does. */
async function waiting(count: number, since: string, token?: string): Promise<Promise<Events>[]> {
  const { clock } = here.world;
  const before = clock.timers;
  const answers = Array.from({ length: count }, () => events(since, token));
  while (clock.timers < before + count) await new Promise((done) => setImmediate(done));
  return answers;
}

/** What the next answer says, time passing while it is waited for. */
async function after(since: string, act: () => Promise<unknown>): Promise<readonly string[]> {
  const [answer] = await waiting(1, since);
  await act();
  await here.world.clock.advance(2_000);
  return (await answer)?.changed ?? [];
}

describe("a page that stays open", () => {
  test("hears what changed, whoever changed it, and asks again for that alone", async () => {
    const { at, changed } = await events();
    expect(changed).toEqual([
      "login",
      "contacts",
      "groups",
      "networks",
      "settings",
      "failures",
      "encryption",
    ]);
    expect(await after(at, () => here.world.says(ANA, management, "block whatsapp Bram"))).toEqual([
      "contacts",
    ]);
    const { at: blocked } = await events();
    expect(await after(blocked, () => here.world.says(ANA, management, "receipts off"))).toEqual([
      "settings",
    ]);
    const { at: quiet } = await events();
    client.state = { kind: "waiting", words: "No network." };
    client.sink.state(client.state);
    expect((await events(quiet)).changed).toEqual(["networks"]);
    const { at: waiting } = await events();
    await here.world.says(ANA, management, "enable quill qr");
    expect((await events(waiting)).changed).toEqual(["login"]);
  });

  test("waits 25 seconds at most, hears nothing of other people, and is no sign that somebody is there", async () => {
    const session = here.sessions.open(ANA);
    const { at } = await events(undefined, session);
    const before = here.sessions.session(session, false)?.idleEnd;
    const [answer] = await waiting(1, at, session);
    await here.world.optsIn(BEN);
    const began = here.world.clock.now();
    const { clock } = here.world;
    const over = new AbortController();
    void answer?.finally(() => over.abort());
    while (!over.signal.aborted) await clock.advance(500);
    expect(await answer).toEqual({ at, changed: [] });
    expect(clock.now() - began).toBeLessThan(40_000);
    expect(here.sessions.session(session, false)?.idleEnd).toBe(before);
  });

  test("that comes with what no answer said is told to ask for everything", async () => {
    for (const since of ["", "nonsense", "networks-x.contacts", "%F0%9F%A6%8A"])
      expect((await events(since)).changed).toHaveLength(7);
    const long = await here.ask("GET", `${PERSON}/events?since=${"a".repeat(1_001)}`);
    expect(long.status).toBe(400);
  });

  test("hears nothing once its person has signed out, or may not use the bridge any more", async () => {
    const { at } = await events();
    const session = here.sessions.open(ANA);
    const asked = async (token: string) =>
      (await here.ask("GET", `${PERSON}/events?since=${at}`, { token })).status;
    const { clock } = here.world;
    const before = clock.timers;
    const [signedOut, refused] = [asked(session), asked("ana-token")];
    while (clock.timers < before + 2) await new Promise((done) => setImmediate(done));
    here.sessions.end(session);
    here.world.strangers.add(ANA);
    await here.world.says(ANA, management, "receipts off");
    await clock.advance(26_000);
    expect(await Promise.all([signedOut, refused])).toEqual([401, 403]);
  });

  test("that is closed waits no more, and takes no other's place", async () => {
    const { at } = await events();
    const { clock } = here.world;
    const before = clock.timers;
    for (let page = 0; page < 8; page += 1) {
      const closing = new AbortController();
      const asked = fetch(`${here.url}${PERSON}/events?since=${at}`, {
        headers: { authorization: "Bearer ana-token" },
        signal: closing.signal,
      });
      while (clock.timers === before) await new Promise((done) => setImmediate(done));
      closing.abort();
      await expect(asked).rejects.toThrow();
      while (clock.timers > before) await new Promise((done) => setImmediate(done));
    }
  });

  test("is one of six of its person's that may wait", async () => {
    const { at } = await events();
    const answers = await waiting(6, at);
    expect((await here.ask("GET", `${PERSON}/events?since=${at}`)).status).toBe(429);
    await here.world.says(ANA, management, "receipts off");
    await here.world.clock.advance(2_000);
    for (const { changed } of await Promise.all(answers)) expect(changed).toEqual(["settings"]);
  });
});

describe("a report", () => {
  test("shows what is handed over before it is, and hands over that", async () => {
    await keepsMessages(here.world, ANA, "Bram");
    const shown = await here.ask("GET", `${BRAM}/report`);
    expect(shown.body).toEqual({
      network_name: "WhatsApp",
      messages: [
        { id: "m1", at: expect.any(Number), text: "hello" },
        { id: "m2", at: expect.any(Number), text: "buy this" },
      ],
      words: "WhatsApp is told that you report Bram, and is given these messages of theirs, with the text.",
    });
    expect(client.reports).toEqual([]);
    const done = await here.ask("POST", `${BRAM}/report`, { body: { messages: ["m1", "m2"] } });
    expect([done.status, done.body]).toEqual([200, { handed_over: 2 }]);
    expect(client.reports).toEqual([
      [expect.objectContaining({ id: "m1" }), expect.objectContaining({ text: "buy this" })],
    ]);
  });

  test("hands over nothing that was not shown, nothing of anybody else's, and nothing in pieces", async () => {
    await keepsMessages(here.world, ANA, "Bram");
    const bodies = [{ messages: ["m1", "m3"] }, { messages: ["$event"] }];
    for (const body of bodies) expect((await here.ask("POST", `${BRAM}/report`, { body })).status).toBe(409);
    for (const body of [{}, { messages: "m1" }, { messages: Array<string>(6).fill("m1") }])
      expect((await here.ask("POST", `${BRAM}/report`, { body })).status).toBe(400);
    await here.world.optsIn(BEN);
    const bens = await here.ask("POST", `${BRAM}/report`, { token: "ben-token", body: { messages: [] } });
    expect([bens.status, bens.body.errcode]).toEqual([404, "M_NOT_FOUND"]);
    expect(client.reports).toEqual([]);
  });
});

describe("codes to scan", () => {
  test("are pictures too: the safety number's, and a login's", async () => {
    const { body } = await here.ask("GET", `${BRAM}/safety_number`);
    const { scannable, picture } = body as unknown as {
      readonly scannable: string;
      readonly picture: string;
    };
    expect(Buffer.from(picture, "base64").toString()).toBe(Buffer.from(scannable, "base64").toString());
    await here.world.says(ANA, management, "enable quill qr");
    await here.world.says(ANA, management, "yes");
    const login = (await here.ask("GET", `${PERSON}/login`)).body as unknown as { readonly picture: string };
    expect(Buffer.from(login.picture, "base64").toString()).toBe(here.linked.quill.codes.at(-1));
  });
});
