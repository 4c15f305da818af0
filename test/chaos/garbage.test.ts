import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import WebSocket from "ws";
import { type Json, MatrixFailure } from "../../tools/matrix/api.ts";
import type { Phone } from "../../tools/sandbox/control.ts";
import { brokenHttp, garbage, sendRaw } from "../kit/garbage.ts";
import { oddEvents } from "../kit/odd-events.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

describe("garbage kills nothing and stops no chat", () => {
  let world: TestWorld;
  let ana: TestPerson;
  let wim: Phone;
  let room: string;
  let count = 0;

  beforeAll(async () => {
    world = await TestWorld.start();
    ana = await world.person("Ana", ["whatsapp"]);
    wim = await world.contact("whatsapp", "Wim");
    const shown = ana.client.next("the first message", ({ content }) => content["body"] === "first");
    await wim.says(ana.userId, "first");
    room = (await shown).roomId;
  }, e2eTimeout);

  afterAll(() => world[Symbol.asyncDispose](), e2eTimeout);

  /** A message each way still crosses, in the processes that were there all along. */
  async function allIsWell(): Promise<void> {
    count += 1;
    const text = `still here ${count}`;
    const shown = ana.client.next(
      text,
      ({ sender, content }) => sender !== ana.userId && content["body"] === text,
      60,
    );
    const { next } = await wim.inbox();
    await wim.says(ana.userId, text);
    await shown;
    await ana.client.say(room, text);
    await wim.hears(text, { since: next, seconds: 60 });
    expect([world.world.bridge.running, world.world.sandbox.running]).toEqual([true, true]);
  }

  async function post(method: string, url: string, body: Uint8Array, token?: string): Promise<number> {
    const headers = {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(url, { method, headers, body: Buffer.from(body) });
    await response.arrayBuffer();
    return response.status;
  }

  test(
    "on the appservice endpoint",
    async () => {
      const { appservice, tokens } = world.world;
      const endpoint = `${appservice}/_matrix/app/v1`;
      for (const [index, bytes] of garbage().entries()) {
        const url = `${endpoint}/transactions/garbage-${index}`;
        expect(await post("PUT", url, bytes)).toBe(401);
        expect(await post("PUT", url, bytes, "wrong")).toBe(403);
        expect([200, 400, 413]).toContain(await post("PUT", url, bytes, tokens.hs));
      }
      for (const path of [
        "users/%ff%fe",
        "rooms/%23%00",
        "thirdparty/user?userid=%ff",
        "nothing/at/all",
        "%2e%2e/%2e%2e",
      ]) {
        const status = await post("POST", `${endpoint}/${path}`, Buffer.from("x"), tokens.hs);
        expect({ path, refused: status >= 400 && status < 500 }).toEqual({ path, refused: true });
      }
      for (const bytes of brokenHttp) await sendRaw(world.world.settings.ports.appservice, bytes);
      await allIsWell();
    },
    e2eTimeout,
  );

  test(
    "on the push endpoint",
    async () => {
      const { partner } = world.world.settings.ports;
      for (const bytes of garbage()) {
        for (const token of [undefined, "x.y.z", `e30.${randomBytes(20).toString("base64url")}.e30`]) {
          const status = await post("POST", `http://127.0.0.1:${partner}/interop/push`, bytes, token);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }
      }
      for (const bytes of brokenHttp) await sendRaw(partner, bytes);
      await allIsWell();
    },
    e2eTimeout,
  );

  test(
    "on the chat socket",
    async () => {
      const { sandbox } = world.world.settings.ports;
      const chat = `ws://127.0.0.1:${sandbox}/whatsapp/chat`;
      const intro = Buffer.from([0x57, 0x41, 6, 3]);
      for (const bytes of [
        ...garbage(),
        Buffer.from([0xff, 0xff, 0xff]),
        Buffer.concat([intro, Buffer.from([0, 0, 0])]),
      ]) {
        for (const start of [
          bytes,
          Buffer.concat([intro, Buffer.from([0, bytes.length >> 8, bytes.length & 255]), bytes]),
        ]) {
          const socket = new WebSocket(chat);
          socket.on("error", () => undefined);
          await once(socket, "open");
          const closed = once(socket, "close");
          socket.send(start);
          // Where these are the beginning of something, the other end waits for the rest of it.
          socket.close();
          await closed;
        }
      }
      for (const bytes of brokenHttp) await sendRaw(sandbox, bytes);
      await allIsWell();
    },
    e2eTimeout,
  );

  test(
    "on the control API",
    async () => {
      const { origin } = world.world.control;
      const paths = [
        "/people",
        `/people/${wim.person}/do`,
        "/networks/whatsapp",
        "/faults",
        "/load",
        "/people/nobody/do",
      ];
      for (const bytes of [
        ...garbage(),
        Buffer.from('{"verb":"says","to":7}'),
        Buffer.from('{"verb":"flies"}'),
      ]) {
        for (const path of paths) {
          const response = await fetch(`${origin}/_sandbox/v1${path}`, {
            method: "POST",
            body: Buffer.from(bytes),
          });
          const body: unknown = await response.json();
          if (path === "/networks/whatsapp" && response.status === 200) continue;
          expect({ path, status: response.status >= 400 && response.status < 500 }).toEqual({
            path,
            status: true,
          });
          expect(body).toEqual({ error: { code: expect.any(String), words: expect.any(String) } });
        }
      }
      await allIsWell();
    },
    e2eTimeout,
  );

  test(
    "as events of odd shapes in a portal",
    async () => {
      for (const { type, content } of oddEvents()) {
        try {
          await ana.client.send(room, type, content);
        } catch (error) {
          // Synapse refuses the oddest; those come as another homeserver might push them.
          if (!(error instanceof MatrixFailure)) throw error;
          expect(await push({ type, content })).toBe(200);
        }
        count += 1;
        const text = `after an odd event ${count}`;
        await ana.client.say(room, text);
        await wim.hears(text, { seconds: 60 });
      }
      await allIsWell();
    },
    e2eTimeout,
  );

  test(
    "as pushed events without what every event has",
    async () => {
      const odd: readonly Json[] = [
        { event_id: 7 },
        { room_id: null, sender: [], state_key: {} },
        { sender: "nobody", type: "m.room.message" },
        { type: "m.room.member", state_key: "@x", content: { membership: 7 } },
        { type: "m.room.member", state_key: 5, content: null },
        { type: "m.room.power_levels", state_key: "", content: { users: [], events: "all" } },
        {
          type: "m.room.message",
          origin_server_ts: "yesterday",
          unsigned: [],
          content: { msgtype: "m.text", body: "x" },
        },
        { type: "x".repeat(10_000), sender: "@".repeat(10_000), content: [] },
      ];
      for (const event of odd) expect([200, 400]).toContain(await push(event));
      await allIsWell();
    },
    e2eTimeout,
  );

  /** Pushes an event as the homeserver would, from Ana in the portal where it does not say otherwise. */
  function push(event: Json): Promise<number> {
    count += 1;
    const whole = {
      event_id: `$odd${count}`,
      room_id: room,
      sender: ana.userId,
      origin_server_ts: Date.now(),
      type: "m.room.message",
      content: {},
      ...event,
    };
    const url = `${world.world.appservice}/_matrix/app/v1/transactions/odd${count}`;
    return post("PUT", url, Buffer.from(JSON.stringify({ events: [whole] })), world.world.tokens.hs);
  }
});
