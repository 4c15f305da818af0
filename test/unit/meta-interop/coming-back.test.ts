import { expect, test } from "@jest/globals";
import type { Clock } from "../../../src/core/ports/clock.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair } from "../../kit/interop-pair.ts";

const TEN_MINUTES = 600_000;
const words = expect.stringContaining("proof of who you are");

/** A clock on which ten minutes pass when the test says so, and pauses are noted. */
class PatientClock implements Clock {
  readonly pauses: number[] = [];
  tenMinutesPass: () => void = () => undefined;

  now(): number {
    return hurriedClock.now();
  }

  after(ms: number, act: () => void): () => void {
    if (ms === TEN_MINUTES) {
      this.tenMinutesPass = act;
      return () => undefined;
    }
    this.pauses.push(ms);
    return hurriedClock.after(ms, act);
  }
}

test.each(["401", "413", "414"])(
  "a token refused for long (%s) is tried again later, quietly, and connects once clocks are right",
  async (reason) => {
    const clock = new PatientClock();
    await using pair = await InteropPair.start(clock);
    const kinds = () => pair.sink.states.map(({ kind }) => kind);
    pair.gatekeeper.greeting = node("failure", { reason });
    pair.gatekeeper.cut();
    await pair.sink.until("the refusal", () => pair.sink.states.find(({ kind }) => kind === "refused"));
    const { connections } = pair.gatekeeper;
    const told = kinds();
    const later = Promise.withResolvers<void>();
    clock.after = (ms, act) => {
      if (ms !== TEN_MINUTES) return hurriedClock.after(ms, act);
      clock.tenMinutesPass = act;
      later.resolve();
      return () => undefined;
    };
    clock.tenMinutesPass();
    await later.promise;
    expect(pair.gatekeeper.connections).toBe(connections + 1);
    expect(kinds()).toEqual(told);
    const trouble = expect.objectContaining({ kind: "proof" });
    expect(pair.client.state).toEqual({ kind: "refused", words, trouble });
    pair.gatekeeper.greeting = node("success");
    clock.tenMinutesPass();
    await pair.sink.until("the connection", () => kinds().at(-1) === "connected");
    expect(kinds()).toEqual([...told, "connected"]);
  },
);

test("a gatekeeper that says restart before it has let anybody in is asked with growing pauses", async () => {
  const clock = new PatientClock();
  await using pair = await InteropPair.start(clock);
  const already = clock.pauses.length;
  pair.gatekeeper.greeting = node("stream:error", { code: "515" });
  pair.gatekeeper.cut();
  const waited = () => pair.sink.states.filter(({ kind }) => kind === "waiting").length;
  await pair.sink.until("the fifth pause", () => waited() === 5);
  const pauses = clock.pauses.slice(already).filter((ms) => ms < 5_000);
  expect(pauses.at(-1)).toBeGreaterThan(1_000);
  pair.gatekeeper.greeting = node("success");
  await pair.client.connected(AbortSignal.timeout(5_000));
});

test("a push for an account whose client is closed is for nobody", async () => {
  await using pair = await InteropPair.start();
  expect(pair.network.wake("105012")).toBe(true);
  const first = pair.client;
  await pair.connect();
  await first[Symbol.asyncDispose]();
  expect(pair.network.wake("105012")).toBe(true);
  await pair.client[Symbol.asyncDispose]();
  expect(pair.network.wake("105012")).toBe(false);
});
