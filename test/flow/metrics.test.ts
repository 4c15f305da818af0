import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError, type Reason } from "../../src/core/model/errors.ts";
import type { OutboxId, RoomId } from "../../src/core/model/ids.ts";
import { CONTENT_KEY } from "../../src/core/ports/homeserver.ts";
import type { ConnectionState } from "../../src/core/ports/network.ts";
import { measureQueues } from "../../src/core/runtime/queue-depths.ts";
import { createMetrics, type MetricsRegistry } from "../../src/http/metrics.ts";
import { AuditedRoom } from "../kit/audited-room.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";
import { writtenChat } from "../kit/written-chat.ts";

const registry = createMetrics(["whatsapp" as FlowWorld["network"]["id"]]);

type Samples = ReadonlyMap<string, number>;

/** What is said of our own metrics, by name and labels. */
async function samples(of: MetricsRegistry): Promise<Samples> {
  const lines = (await of.text()).split("\n").filter((line) => line.startsWith("bridge_"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

const failure = (reason: Reason, retryAfter?: number): BridgeError =>
  new BridgeError(reason, {
    words: "No.",
    certain: true,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });

interface InFlow {
  readonly world: FlowWorld;
  readonly room: RoomId;
  readonly writes: (direction: "to-matrix" | "to-network", ...texts: readonly string[]) => Promise<void>;
  readonly becomes: (state: ConnectionState) => Promise<void>;
}

type Happening = (in_: InFlow) => Promise<void>;

const fails =
  (error: BridgeError): Happening =>
  async ({ world, writes }) => {
    world.network.clientOf(ANA).faults.push({ when: "before", error });
    await writes("to-network", randomUUID());
  };

const failsInRoom =
  (error: BridgeError): Happening =>
  async ({ world, writes }) => {
    const send = world.homeserver.send.bind(world.homeserver);
    world.homeserver.send = async () => {
      world.homeserver.send = send;
      throw error;
    };
    await writes("to-matrix", randomUUID());
    await world.clock.advance(60_000);
  };

const arrives =
  (direction: "to-matrix" | "to-network"): Happening =>
  ({ writes }) =>
    writes(direction, randomUUID());

const becomes =
  (kind: ConnectionState["kind"]): Happening =>
  (it) =>
    it.becomes(kind === "waiting" || kind === "refused" ? { kind, words: "No." } : { kind });

const waits =
  (queue: "matrixInbox" | "matrixOutbox" | "networkInbox" | "networkOutbox"): Happening =>
  async ({ world, writes, becomes: changes }) => {
    if (queue === "matrixInbox") world.bridge.intake.gapOpened();
    if (queue === "matrixOutbox") world.homeserver.away = true;
    if (queue === "networkOutbox") await changes({ kind: "waiting", words: "No." });
    world.spoiled = (tx) => {
      const add = (): never => {
        throw failure("storage", 0);
      };
      return queue === "networkInbox" ? { ...tx, matrixOutbox: { ...tx.matrixOutbox, add } } : tx;
    };
    await writes(
      queue === "matrixInbox" || queue === "networkOutbox" ? "to-network" : "to-matrix",
      randomUUID(),
    );
    await measureQueues(world.store, world.registry.metrics);
    world.spoiled = (tx) => tx;
    world.homeserver.away = false;
    if (queue === "matrixInbox") await world.bridge.intake.gapClosed();
    if (queue === "networkOutbox") await changes({ kind: "connected" });
    await world.clock.advance(120_000);
  };

/** By what a series is named, what makes it move in the core. */
const inTheCore: Readonly<Record<string, Happening>> = {
  'bridge_messages_total{direction="to-matrix",network="whatsapp",outcome="crossed"}': arrives("to-matrix"),
  'bridge_messages_total{direction="to-network",network="whatsapp",outcome="crossed"}': arrives("to-network"),
  'bridge_messages_total{direction="to-matrix",network="whatsapp",outcome="failed"}': failsInRoom(
    failure("too-large"),
  ),
  'bridge_messages_total{direction="to-network",network="whatsapp",outcome="failed"}': fails(
    failure("not-reachable"),
  ),
  'bridge_crossing_seconds_count{direction="to-matrix",network="whatsapp"}': arrives("to-matrix"),
  'bridge_crossing_seconds_count{direction="to-network",network="whatsapp"}': arrives("to-network"),
  'bridge_sends_total{direction="to-network",outcome="taken"}': arrives("to-network"),
  'bridge_sends_total{direction="to-network",outcome="refused"}': fails(failure("not-reachable")),
  'bridge_sends_total{direction="to-network",outcome="unreachable"}': fails(failure("remote-unreachable", 0)),
  'bridge_retries_total{direction="to-matrix"}': failsInRoom(failure("homeserver-fault", 0)),
  'bridge_retries_total{direction="to-network"}': fails(failure("remote-unreachable", 0)),
  'bridge_dead_letters_total{direction="to-matrix"}': failsInRoom(failure("too-large")),
  'bridge_dead_letters_total{direction="to-network"}': fails(failure("not-reachable")),
  'bridge_disconnects_total{network="whatsapp",reason="lost"}': becomes("waiting"),
  'bridge_disconnects_total{network="whatsapp",reason="refused"}': becomes("refused"),
  'bridge_connections{network="whatsapp",state="connecting"}': becomes("connecting"),
  'bridge_connections{network="whatsapp",state="connected"}': becomes("connected"),
  'bridge_connections{network="whatsapp",state="waiting"}': becomes("waiting"),
  'bridge_connections{network="whatsapp",state="refused"}': becomes("refused"),
  'bridge_lane_depth{queue="hs_inbox"}': waits("matrixInbox"),
  'bridge_lane_depth{queue="hs_outbox"}': waits("matrixOutbox"),
  'bridge_lane_depth{queue="net_inbox"}': waits("networkInbox"),
  'bridge_lane_depth{queue="net_outbox"}': waits("networkOutbox"),
};

/** And on the way to and from the homeserver. */
const onTheWay = [
  ...["taken", "refused"].flatMap((outcome) => [
    `bridge_transactions_total{outcome="${outcome}"}`,
    `bridge_transaction_seconds_count{outcome="${outcome}"}`,
  ]),
  ...["taken", "refused", "unreachable"].flatMap((outcome) => [
    `bridge_sends_total{direction="to-matrix",outcome="${outcome}"}`,
    `bridge_send_seconds_count{outcome="${outcome}"}`,
  ]),
  ...["start", "break"].flatMap((reason) => [
    `bridge_gaps_total{reason="${reason}"}`,
    `bridge_gap_seconds_total{reason="${reason}"}`,
  ]),
];

const inTheIntake = ["first", "again"].map((seen) => `bridge_pushed_events_total{seen="${seen}"}`);

/** Set when the metrics are asked for; `unit/http/health` moves it. */
const whenAsked = ["bridge_ready"];

/** `flow/encryption-metrics` moves them. */
const ofEncryption = [
  ...[
    "no-key",
    "late-key",
    "withheld",
    "wrong-sender",
    "unsigned",
    "new-identity",
    "replayed",
    "malformed",
    "in-clear",
  ].map((reason) => `bridge_undecryptable_total{reason="${reason}"}`),
  ...["keys_awaited", "crypto_machines", "one_time_keys", "shut_rooms"].map((name) => `bridge_${name}`),
];

const isCount = (series: string): boolean => !/^bridge_\w+_(?:bucket|sum)\{/.test(series);

describe("every metric", () => {
  test("has each of its series from the start, at nothing, and this file makes every one of them move", async () => {
    const fresh = await samples(registry);
    expect(Array.from(fresh.values()).every((value) => value === 0)).toBe(true);
    const moved = new Set([
      ...Object.keys(inTheCore),
      ...onTheWay,
      ...inTheIntake,
      ...whenAsked,
      ...ofEncryption,
    ]);
    expect(new Set(Array.from(fresh.keys()).filter(isCount))).toEqual(moved);
  });

  test("that is said to be worth watching is one of them", async () => {
    const named = new Set(readFileSync("docs/operating.md", "utf8").match(/\bbridge_[a-z_]+\b/g));
    const known = new Set(Array.from((await samples(registry)).keys(), (series) => series.split("{")[0]));
    expect(named.size).toBeGreaterThan(4);
    for (const name of named) expect(known).toContain(name);
  });
});

describe("in the core", () => {
  test.each(Object.entries(inTheCore))("%s moves", async (series, happens) => {
    await using world = await FlowWorld.start();
    const { room, writes } = await writtenChat(world);
    const client = world.network.clientOf(ANA);
    const changes = async (state: ConnectionState): Promise<void> => {
      client.state = state;
      client.sink.state(state);
      await settle();
    };
    if (series.includes('state="connected"')) await changes({ kind: "waiting", words: "No." });
    const before = (await samples(world.registry)).get(series);
    await happens({ world, room, writes, becomes: changes });
    expect((await samples(world.registry)).get(series)).toBe((before ?? Number.NaN) + 1);
  });

  test("pushed events are new once", async () => {
    await using world = await FlowWorld.start();
    const { room } = await writtenChat(world);
    const [seen = "", again = ""] = inTheIntake;
    const before = await samples(world.registry);
    const events = ["one", "two"].map((text) => world.text(ANA, room, text));
    await world.push(...events);
    await world.push(...events);
    const after = await samples(world.registry);
    expect([seen, again].map((series) => (after.get(series) ?? 0) - (before.get(series) ?? 0))).toEqual([
      2, 2,
    ]);
  });

  test("a login that is gone is in no state", async () => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    await world.says(ANA, room, "disable whatsapp yes");
    await world.says(ANA, room, "yes");
    await world.clock.advance(60_000);
    expect(await world.measured("bridge_connections")).toBe(0);
  });
});

describe("on the way to and from the homeserver", () => {
  let it: AuditedRoom;
  let before: Samples;
  let after: Samples;

  beforeAll(async () => {
    it = await AuditedRoom.open(registry.metrics);
    before = await samples(registry);
    const { world, room } = it;
    const put = (body: string) =>
      fetch(`${world.endpointUrl}/_matrix/app/v1/transactions/${randomUUID()}`, {
        method: "PUT",
        headers: { authorization: "Bearer hs-token" },
        body,
      });
    await put(JSON.stringify({ events: [] }));
    await put("no JSON");
    const send = (): Promise<unknown> => {
      const id = randomUUID() as OutboxId;
      const content = { msgtype: "m.text", body: "hi", [CONTENT_KEY]: id };
      const { bot } = world.homeserver;
      const row = { id, room, sender: bot, type: "m.room.message", stateKey: undefined, content };
      return world.homeserver.send({ ...row, createdAt: Date.now() }).catch(() => undefined);
    };
    await send();
    for (const status of [413, 503]) {
      world.fake.faults.order({
        fault: { kind: "status", status, errcode: "M_UNKNOWN" },
        path: "/send/",
        count: 1,
      });
      await send();
      world.fake.faults.clear();
    }
    it.audit(undefined);
    await it.closed(1);
    await world.fake.crash();
    await world.sink.until(() => world.sink.gaps.length === 3);
    await world.fake.listen();
    await it.closed(2);
    after = await samples(registry);
  });
  afterAll(() => it[Symbol.asyncDispose]());

  test.each(onTheWay)("%s moves", (series) => {
    expect(after.get(series)).toBeGreaterThan(before.get(series) ?? Number.NaN);
  });
});
