import { describe, expect, test } from "@jest/globals";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";

describe("the control API", () => {
  test("tells what there is", async () => {
    await using world = await SandboxWorld.start();
    const root = await world.client.root();
    expect(root.profile).toBe("interop-sandbox/1");
    expect(Object.keys(root.networks)).toEqual(["whatsapp", "messenger"]);
    const { base, enlist_url, chat_url, root_key } = root.networks.messenger;
    expect(enlist_url).toBe(`${base}/v1/enlist`);
    expect(chat_url).toBe(`${base.replace("http", "ws")}/chat`);
    expect(Buffer.from(root_key, "base64")).toHaveLength(32);
    expect(root.verbs).toEqual(expect.arrayContaining(["says", "types", "reinstalls", "changesPhone"]));
    expect(root.faults).toHaveLength(12);
  });

  test("refuses unknown verbs, fields, people and bodies with a code and words", async () => {
    await using world = await SandboxWorld.start();
    const { client } = world;
    const bram = await client.person({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
    const wrong: readonly (readonly [string, unknown, number, string])[] = [
      [`/people/${bram.id}/do`, { verb: "flies" }, 400, "unknown-verb"],
      [`/people/${bram.id}/do`, { verb: "constructor" }, 400, "unknown-verb"],
      [`/people/${bram.id}/do`, { text: "x" }, 400, "malformed"],
      [`/people/${bram.id}/do`, { verb: "says", to: ana, text: "x", colour: "red" }, 400, "malformed"],
      [`/people/${bram.id}/do`, { verb: "says", to: ana }, 400, "malformed"],
      [`/people/${bram.id}/do`, { verb: "says", to: ana, text: "x" }, 404, "no-such-user"],
      [`/people/${bram.id}/do`, { verb: "says", to: "1@g.us", text: "x" }, 404, "no-such-group"],
      ["/people/nobody/do", { verb: "turnsOn" }, 404, "no-such-person"],
      ["/people", { network: "whatsapp", name: "Bram", phone: "+31 6 12345678" }, 409, "taken"],
      ["/people", { network: "whatsapp", name: "X", phone: "call me" }, 400, "malformed"],
      ["/people", { network: "telegram", name: "X" }, 400, "malformed"],
      ["/people", [], 400, "malformed"],
      ["/networks/telegram", {}, 404, "no-such-network"],
      ["/networks/whatsapp", { features: { flying: true } }, 400, "malformed"],
      ["/networks/whatsapp", { integrators: { 99: { status: "active" } } }, 404, "no-such-integrator"],
      ["/load", { network: "whatsapp", people: 1, messages: 1, to: ana }, 404, "no-such-user"],
      ["/nowhere", {}, 404, "not-found"],
      ["/violations", {}, 405, "method"],
    ];
    for (const [path, body, status, code] of wrong) {
      const refused = await client.call("POST", path, body).catch((cause: unknown) => cause);
      expect([path, refused]).toEqual([path, expect.objectContaining({ status, code })]);
    }
    const inbox = client.call("GET", `/people/${bram.id}/inbox?wait=60001`);
    await expect(inbox).rejects.toMatchObject({ status: 400 });
    expect(await client.violations()).toEqual([]);
  });

  test("a reader of an inbox waits until something is shown", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    expect(await bram.inbox(0, 1)).toEqual({ items: [], next: 0 });
    const waiting = bram.inbox(0, 60_000);
    await user.writes(chat, bram.jid, "M1", "hoi");
    const { items, next } = await waiting;
    expect(items).toMatchObject([{ kind: "text", text: "hoi", from: ana, from_name: ana, chat: ana }]);
    expect(next).toBe(items[0]?.seq);
    await chat[Symbol.asyncDispose]();
  });

  test("both ends of a conversation have the same safety number", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { chat } = await world.user(ana);
    const number = await bram.safety(ana);
    expect(number).toMatch(/^\d{60}$/);
    await bram.does("reinstalls");
    expect(await bram.safety(ana)).not.toBe(number);
    await chat[Symbol.asyncDispose]();
  });

  test("a network's changes are told to its users", async () => {
    await using world = await SandboxWorld.start();
    const { chat } = await world.user(ana);
    const steps = [
      ["features", { features: { typing: false }, limits: { text: 100 } }],
      ["integrator", { integrators: { 12: { status: "onboarding" } } }],
      ["ended", { ended: true }],
    ] as const;
    for (const [tag, change] of steps) {
      const told = chat.next(({ tag: outer, content }) => {
        return outer === "notification" && Array.isArray(content) && content[0]?.tag === tag;
      });
      await world.client.network("whatsapp", change);
      await told;
    }
    const { networks } = await world.client.root();
    expect(networks.whatsapp).toMatchObject({ ended: true, features: { typing: false, receipts: true } });
    expect(networks.messenger).toMatchObject({ ended: false, features: { typing: true } });
    await chat[Symbol.asyncDispose]();
  });

  test("a load run is played, counted and in order", async () => {
    await using world = await SandboxWorld.start();
    const { user, chat } = await world.user(ana, "messenger");
    const done = new Promise<void>((resolve) => {
      let left = 200;
      chat.onStanza = (stanza) => {
        if (stanza.tag !== "message") return;
        chat.send(user.delivered(stanza));
        left -= 1;
        if (left === 0) resolve();
      };
    });
    await world.client.load({ network: "messenger", people: 5, messages: 200, to: ana });
    await done;
    await chat.ask("urn:xmpp:ping", "get", []);
    expect(await world.client.loadStatus()).toMatchObject({
      sent: 200,
      acked: 200,
      delivered: 200,
      done: true,
    });
    const last = new Map<string, number>();
    const written = new Map<string, number>();
    for (const stanza of chat.stanzas.filter(({ tag }) => tag === "message")) {
      const plaintext = await user.opens(stanza);
      const number = plaintext.kind === "text" ? Number(plaintext.text.replace("message ", "")) : Number.NaN;
      const from = stanza.attrs["from"] ?? "";
      expect(number).toBeGreaterThan(last.get(from) ?? 0);
      last.set(from, number);
      written.set(from, (written.get(from) ?? 0) + 1);
    }
    expect([...written.values()]).toEqual([40, 40, 40, 40, 40]);
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("serves this machine only, and survives hostile requests", async () => {
    await using world = await SandboxWorld.start();
    const { url } = world.gatekeeper;
    const strange = await fetch(`${url}/_sandbox/v1/%ff/%`, { method: "POST", body: "\u0000" });
    expect(strange.status).toBe(404);
    const deep = await fetch(`${url}/_sandbox/v1/people`, { method: "POST", body: "[".repeat(100_000) });
    expect(deep.status).toBe(400);
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(`${url}/_sandbox/v1`, { headers: { host: "evil.example" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(403);
    expect((await world.client.root()).profile).toBe("interop-sandbox/1");
  });
});

test("every verb takes `id` and `to`, of use to it or not", async () => {
  await using world = await SandboxWorld.start();
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { user, chat } = await world.user(ana);
  await user.startSession(chat, bram.jid);
  await user.writes(chat, bram.jid, "M1", "hoi");
  const acts = {
    goesOffline: {},
    comesOnline: {},
    turnsOff: {},
    turnsOn: {},
    choosesApps: { apps: [12] },
    setsInbox: { mode: "combined" },
    renames: { name: "B" },
    setsPicture: { drawn: "sea" },
    blocks: {},
    unblocks: {},
    reports: { text: "spam" },
    types: { on: true },
    reads: { target: "M1" },
    plays: { target: "M1" },
    reinstalls: {},
    changesPhone: { phone: "+31687654321" },
    leaves: {},
  };
  for (const [verb, fields] of Object.entries(acts)) {
    expect(await bram.does(verb, { ...fields, to: ana, id: `id of ${verb}` })).toBe(`id of ${verb}`);
  }
  await expect(bram.does("goesOffline", { often: true })).rejects.toMatchObject({ status: 400 });
  await chat[Symbol.asyncDispose]();
});
