import { beforeEach, describe, expect, test } from "@jest/globals";
import { noMetrics } from "../../../src/core/ports/metrics.ts";
import { AuditGap } from "../../../src/matrix/inbound/audit-gap.ts";
import { LogLines, RecordingHomeserverSink } from "../../kit/fake-homeserver-world.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

let sink: RecordingHomeserverSink;
let log: LogLines;
let clock: VirtualClock;
let gap: AuditGap;

beforeEach(() => {
  sink = new RecordingHomeserverSink();
  log = new LogLines();
  clock = new VirtualClock();
  gap = new AuditGap({ sink, clock, log, metrics: noMetrics });
});

/** Answered, and then not caught up with for longer than anybody waits. */
async function giveUp(): Promise<void> {
  gap.open("break", false);
  gap.answered();
  await clock.advance(10_000);
  expect(sink.gaps).toEqual(["opened", "closed"]);
}

test("a gap lasts until the stream has caught up, however long the homeserver is away", async () => {
  gap.open("start", true);
  await clock.advance(3_600_000);
  expect(sink.gaps).toEqual(["opened"]);
  gap.answered();
  await clock.advance(9_999);
  expect(sink.gaps).toEqual(["opened"]);
  await gap.caughtUp();
  expect(sink.gaps).toEqual(["opened", "closed"]);
  await clock.advance(10_000);
  expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("nobody waits longer than ten seconds after the homeserver's first answer, whatever it answers then", async () => {
  gap.open("break", true);
  gap.answered();
  await clock.advance(6_000);
  gap.answered();
  await clock.advance(4_000);
  expect(sink.gaps).toEqual(["opened", "closed"]);
});

describe("a stream that was given up", () => {
  test("holds up nobody again while the homeserver only answers with errors", async () => {
    await giveUp();
    gap.open("break", false);
    expect(sink.gaps).toEqual(["opened", "closed"]);
  });

  test("opens a gap again when the homeserver was away: what came meanwhile was not pushed", async () => {
    await giveUp();
    gap.open("break", true);
    expect(sink.gaps).toEqual(["opened", "closed", "opened"]);
  });

  test("opens a gap again at the break after it had caught up", async () => {
    await giveUp();
    await gap.caughtUp();
    gap.open("break", false);
    expect(sink.gaps).toEqual(["opened", "closed", "opened"]);
  });
});
