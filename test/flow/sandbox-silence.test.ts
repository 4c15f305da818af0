import { once } from "node:events";
import { expect, test } from "@jest/globals";
import WebSocket from "ws";
import { INTRO } from "../../src/networks/meta-interop/wire/noise/frames.ts";
import { heldTimers } from "../kit/held-timers.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";

test.each([
  ["says nothing", Buffer.alloc(0)],
  ["stops in the middle of its hello", Buffer.concat([INTRO, Buffer.from([0, 0, 40, 1])])],
])("a chat socket that %s is cut after 20 seconds", async (_what, bytes) => {
  await using world = await SandboxWorld.start();
  using timers = heldTimers();
  const ws = new WebSocket(`${world.gatekeeper.url.replace("http", "ws")}/whatsapp/chat`, {
    perMessageDeflate: false,
  });
  await once(ws, "open");
  ws.send(bytes);
  timers.pass(19_000);
  expect(ws.readyState).toBe(WebSocket.OPEN);
  const closed = once(ws, "close");
  timers.pass(1000);
  await closed;
});

test("a connected user who falls silent is asked once, and cut when no answer comes", async () => {
  await using world = await SandboxWorld.start();
  using timers = heldTimers();
  const { chat } = await world.user(ana);
  const asked = chat.next(({ tag, attrs }) => tag === "iq" && attrs["xmlns"] === "urn:xmpp:ping");
  timers.pass(30_000);
  await asked;
  timers.pass(45_000);
  await chat.closed;
});

test("an acknowledgement that an ordered delay holds is not late", async () => {
  await using world = await SandboxWorld.start();
  using timers = heldTimers();
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { chat } = await world.user(ana);
  await world.client.fault({ fault: "delay", direction: "from_bridge", stanza: "ack", ms: 30_000, count: 1 });
  await bram.says(ana, "hoi");
  for (let used = 0; used === 0; ) {
    const { faults } = await world.client.call<{ faults: { used: number }[] }>("GET", "/faults");
    used = faults[0]?.used ?? 0;
  }
  timers.pass(25_000);
  expect(await world.client.violations()).toEqual([]);
  timers.pass(5000);
  await chat[Symbol.asyncDispose]();
});
