import { request } from "node:http";
import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import type { PhoneItem, PhoneState } from "../../src/sandbox/page/model/phone.ts";
import type { WireLine } from "../../src/sandbox/page/model/wire.ts";
import { schemaSteps } from "../../src/sandbox/state/schema.ts";
import { AnsweringUser } from "../kit/answering-user.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

const sub = "@ana:example.org";
const api = "/_sandbox/v1";

interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** The events of a stream, one at a time. */
async function* eventsOf(url: string, headers: Record<string, string> = {}): AsyncGenerator<StreamEvent> {
  const response = await fetch(url, { headers });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  let text = "";
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const whole = (text + chunk).split("\n\n");
    text = whole.pop() ?? "";
    for (const one of whole) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(one)?.[1];
      yield { event: field("event") ?? "", id: field("id"), data: JSON.parse(field("data") ?? "null") };
    }
  }
}

/** The first event that matches; the stream ends with it. */
async function firstOf(stream: AsyncGenerator<StreamEvent>, matches: (event: StreamEvent) => boolean) {
  for await (const event of stream) if (matches(event)) return event;
  throw new Error("the stream ended");
}

/** The answer to a request with headers that `fetch` lets nobody choose. */
function statusOf(url: string, headers: Record<string, string>, method = "GET"): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject);
    asked.end(method === "POST" ? '{"network": "whatsapp", "name": "Eve"}' : undefined);
  });
}

async function acquainted(world: SandboxWorld) {
  const wim = await world.client.person({ network: "whatsapp", name: "Wim" });
  const ana = await AnsweringUser.start(world, sub);
  const first = ana.gets(({ plaintext }) => plaintext?.kind === "text");
  const id = await wim.says(sub, "hoi");
  const { stanza } = await first;
  return { wim, ana, id, stanza };
}

const isItem =
  (matches: (item: PhoneItem) => boolean) =>
  ({ event, data }: StreamEvent): boolean =>
    event === "item" && matches(data as PhoneItem);

describe("a phone's state", () => {
  test("is its chats with what both sides did, contacts and settings; the inbox still has only what came", async () => {
    await using world = await SandboxWorld.start();
    const { wim, ana, id, stanza } = await acquainted(world);
    const read = firstOf(
      eventsOf(`${world.gatekeeper.url}${api}/people/wa-1/events`),
      isItem((item) => item.kind === "receipt" && item.receipt === "read"),
    );
    ana.reads(stanza);
    await read;
    const answer = await ana.says(wim.jid, "dag");
    await wim.does("reads", { target: answer });
    await wim.does("reacts", { to: sub, target: answer, emoji: "👍" });
    await wim.does("edits", { to: sub, target: id, text: "hallo" });
    const state = await world.client.call<PhoneState>("GET", "/people/wa-1/phone");
    expect(state).toMatchObject({
      me: { person: "wa-1", name: "Wim", online: true, inbox: "separate" },
      contacts: [{ id: sub, app: 12, unreachable: null, blocked: false, connected: true }],
      cut: false,
      chats: [
        {
          with: sub,
          messages: [
            { item: { id, own: true, text: "hoi" }, edited: "hallo", tick: "read" },
            { item: { id: answer, text: "dag" }, marked: "read", mine: "👍" },
          ],
        },
      ],
    });
    const { items } = await wim.inbox();
    expect(items.filter(({ kind }) => kind !== "receipt")).toMatchObject([{ id: answer, text: "dag" }]);
    expect(items.filter(({ from }) => from !== sub)).toEqual([]);
  });

  test("goes on in events from where a reader was, and begins anew for a reader of another file", async () => {
    await using world = await SandboxWorld.start();
    const { wim, ana } = await acquainted(world);
    const events = `${world.gatekeeper.url}${api}/people/wa-1/events`;
    const { after } = await world.client.call<PhoneState>("GET", "/people/wa-1/phone");
    const comes = firstOf(
      eventsOf(`${events}?after=${after}`),
      isItem(({ kind }) => kind === "text"),
    );
    await ana.says(wim.jid, "one");
    const one = await comes;
    await ana.says(wim.jid, "two");
    const next = await firstOf(
      eventsOf(`${events}?after=${after}`, { "last-event-id": one.id ?? "" }),
      isItem(({ kind }) => kind === "text"),
    );
    expect(next.data).toMatchObject({ kind: "text", text: "two" });
    const stranger = await firstOf(
      eventsOf(events, { "last-event-id": "00ff00-7" }),
      ({ event }) => event !== "settings",
    );
    expect(stranger.event).toBe("reset");

    const off = firstOf(
      eventsOf(events),
      ({ event, data }) => event === "settings" && !(data as PhoneState).me.optedIn,
    );
    await wim.does("turnsOff");
    expect((await off).data).toMatchObject({ contacts: [{ id: sub, unreachable: "off" }] });
  });

  test("has the files that the person sent, which run nowhere as a page", async () => {
    await using world = await SandboxWorld.start();
    const { wim } = await acquainted(world);
    const media = Buffer.from("<script>alert(1)</script>").toString("base64");
    const id = await wim.does("sends", { to: sub, as: "file", mimetype: "text/html", media, name: "x.html" });
    const file = await fetch(`${world.gatekeeper.url}${api}/people/wa-1/media/${id}`);
    expect(await file.text()).toBe("<script>alert(1)</script>");
    expect(file.headers.get("content-security-policy")).toContain("sandbox");
    expect(file.headers.get("x-content-type-options")).toBe("nosniff");
    const code = await fetch(
      `${world.gatekeeper.url}${api}/people/wa-1/safety.svg?with=${encodeURIComponent(sub)}`,
    );
    expect([code.status, code.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
  });

  test("a file of an earlier sandbox is taken, with its inboxes", async () => {
    using folder = temporaryFolder();
    const data = `${folder.path}/sandbox.db`;
    const db = new Database(data);
    for (const step of schemaSteps.slice(0, 3)) db.exec(step);
    db.pragma("user_version = 3");
    db.prepare("INSERT INTO inbox (person, account, id, kind, item) VALUES ('wa-1', 7, 'M', 'text', ?)").run(
      JSON.stringify({ id: "M", kind: "text", text: "old", chat: sub, from: sub, from_name: "Ana", at: 1 }),
    );
    db.close();
    await using world = await SandboxWorld.start(data);
    const wim = await world.client.person({ network: "whatsapp", name: "Wim" });
    expect((await wim.inbox()).items).toMatchObject([{ id: "M", text: "old" }]);
    const { chats } = await world.client.call<PhoneState>("GET", "/people/wa-1/phone");
    expect(chats).toMatchObject([{ with: sub, name: "Ana", messages: [{ item: { text: "old" } }] }]);
  });
});

describe("the wire", () => {
  test("is told stanza by stanza with the faults that hit, and without what people write", async () => {
    await using world = await SandboxWorld.start();
    const { wim } = await acquainted(world);
    await world.client.fault({ fault: "drop", stanza: "message", direction: "to_bridge", count: 1 });
    const lost = firstOf(
      eventsOf(`${world.gatekeeper.url}${api}/wire/events`),
      ({ event, data }) =>
        event === "wire" && (data as readonly WireLine[]).some(({ fault }) => fault !== null),
    );
    await wim.says(sub, "a secret");
    await lost;
    const { wire } = await world.client.call<{ readonly wire: readonly WireLine[] }>("GET", "/wire");
    const told = wire.map(({ direction, stanza, detail, fault }) => [direction, stanza, detail, fault]);
    expect(told).toContainEqual(["to_bridge", "message", "text enc pkmsg", null]);
    expect(told).toContainEqual(["from_bridge", "ack", "message", null]);
    expect(told).toContainEqual(["from_bridge", "receipt", "", null]);
    expect(told.at(-1)).toEqual(["to_bridge", "message", "", "drop"]);
    expect(wire.every(({ user }) => user === sub)).toBe(true);
    expect(JSON.stringify(wire)).not.toMatch(/secret|hoi/);
  });
});

describe("a web page of somebody else", () => {
  const foreign: readonly (readonly [string, Record<string, string>])[] = [
    ["of another origin", { origin: "http://evil.example" }],
    ["without an origin", { origin: "null" }],
    ["of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["that asks without saying its origin", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    [
      "of another port that asks without saying its origin",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    ],
    ["by a name of its own that leads here", { host: "evil.example" }],
  ];

  test.each(foreign)("%s reads nothing and does nothing", async (_who, headers) => {
    await using world = await SandboxWorld.start();
    await acquainted(world);
    const base = world.gatekeeper.url;
    for (const path of ["", "/people", "/people/wa-1/phone", "/people/wa-1/events", "/wire", "/wire/events"])
      expect([path, await statusOf(base + api + path, headers)]).toEqual([path, 403]);
    expect(await statusOf(`${base}${api}/people`, { ...headers, "content-type": "text/plain" }, "POST")).toBe(
      403,
    );
    expect(await statusOf(`${base}/phone/sandbox/page/web/main.ts`, headers)).toBe(403);
    expect(await world.client.people()).toHaveLength(1);
  });

  test("may link to the phone's page and not hold it in a frame; the page itself may ask", async () => {
    await using world = await SandboxWorld.start();
    const page = `${world.gatekeeper.url}/phone/`;
    expect(await statusOf(page, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(200);
    const own = { origin: world.gatekeeper.url, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    expect(await statusOf(`${world.gatekeeper.url}${api}/people`, own, "POST")).toBe(200);
    const answer = await fetch(page);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    for (const path of ["/phone", "/"]) {
      const moved = await fetch(world.gatekeeper.url + path, { redirect: "manual" });
      expect([moved.status, moved.headers.get("location")]).toEqual([302, "/phone/"]);
    }
    for (const path of [
      "web/index.html",
      "web/tsconfig.json",
      "../server.ts",
      "web/..%2f..%2fserver.ts",
      "web/",
    ])
      expect([path, await statusOf(page + path, {})]).toEqual([path, 404]);
  });
});
