import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { NetworkId } from "../../../src/core/model/ids.ts";
import { startHealth } from "../../../src/http/health.ts";
import type { Listener } from "../../../src/http/listener.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { startPartner } from "../../../src/http/partner.ts";

const silent = { error() {}, warn() {}, info() {}, debug() {} };
const at = { host: "127.0.0.1", port: 0 };
const whatsapp = "whatsapp" as NetworkId;
let why: readonly string[] = [];
let server: Listener;
const registry = createMetrics(["whatsapp" as NetworkId]);
beforeEach(async () => {
  server = await startHealth({ listen: at, registry, reasons: async () => why, log: silent });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

test("ready says why it is not, while live stays", async () => {
  expect(await (await fetch(`${server.url}/ready`)).json()).toEqual({ ready: true });
  why = ["The homeserver does not answer."];
  const ready = await fetch(`${server.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reasons: why }]);
  expect((await fetch(`${server.url}/live`)).status).toBe(200);
});

test("the metrics say each time whether messages can cross", async () => {
  const ready = async (...reasons: readonly string[]): Promise<string | undefined> => {
    why = reasons;
    return /^bridge_ready (.*)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];
  };
  expect([await ready(), await ready("The homeserver does not answer."), await ready()]).toEqual([
    "1",
    "0",
    "1",
  ]);
});

test("what is counted is shown", async () => {
  const { metrics } = registry;
  metrics.count("messages", { direction: "to-matrix", network: whatsapp, outcome: "crossed" });
  metrics.count("messages", { direction: "to-matrix", network: whatsapp, outcome: "crossed" }, 2);
  metrics.set("lane_depth", { queue: "hs_inbox" }, 4);
  metrics.time("crossing_seconds", { direction: "to-network", network: whatsapp }, 0.004);
  metrics.count("gap_seconds", { reason: "start" }, -1);
  const answer = await fetch(`${server.url}/metrics`);
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toContain("text/plain");
  expect(text).toContain(
    'bridge_messages_total{direction="to-matrix",network="whatsapp",outcome="crossed"} 3',
  );
  expect(text).toContain('bridge_lane_depth{queue="hs_inbox"} 4');
  expect(text).toContain(
    'bridge_crossing_seconds_bucket{le="0.005",direction="to-network",network="whatsapp"} 1',
  );
  expect(text).toContain('bridge_gap_seconds_total{reason="start"} 0');
  expect(text).toContain("process_resident_memory_bytes");
});

test("networks of one family share their routes", async () => {
  const keys = {
    method: "GET",
    path: "/keys",
    handle: async () => ({ status: 200, headers: {}, body: "k" }),
  } as const;
  await using partner = await startPartner({ listen: at, routes: [keys, keys], log: silent });
  expect(await (await fetch(`${partner.url}/keys`)).text()).toBe("k");
});
