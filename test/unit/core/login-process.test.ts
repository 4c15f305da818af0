import { beforeEach, describe, expect, test } from "@jest/globals";
import {
  LoginProcess,
  type LoginProcessOf,
  type LoginWatcher,
  type OpenStep,
  type ProcessState,
} from "../../../src/core/logins/login-process.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { LoginId, UserId } from "../../../src/core/model/ids.ts";
import type { DoneStep, FieldsStep, LoginRequest, LoginStep } from "../../../src/core/ports/login-flow.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const done: DoneStep = { kind: "done", visibleId: "+316", account: "{}", record: () => {} };
const login = { id: "login-1", visibleId: "+316" } as unknown as Login;
const refusal = new BridgeError("remote-refused", { words: "Not now.", certain: true });

let clock: VirtualClock;
let shown: ProcessState[];
let reached: string[];
let finished: DoneStep[];
let unwanted: DoneStep[];
let closed: string[];
let failures: unknown[];

beforeEach(() => {
  clock = new VirtualClock();
  [shown, reached, finished, unwanted, closed, failures] = [[], [], [], [], [], []];
});

const watcher: LoginWatcher = async (state) => void shown.push(state);

/** A conversation that begins with `first`; what comes of it is stored once `stored` resolves. */
function talk(
  first: (request: LoginRequest) => LoginStep | Promise<LoginStep>,
  stored: Promise<void> = Promise.resolve(),
): LoginProcess {
  const of: LoginProcessOf = {
    user: "@ana:test" as UserId,
    network: { noticeVersion: 1 } as Network,
    flow: { id: "test", name: "try it", begin: async (request) => first(request) },
    login: "login-1" as LoginId,
    again: false,
  };
  const process = new LoginProcess(of, {
    clock,
    undisturbed: (act) => act(),
    reached: async (step: OpenStep) => void reached.push(step.kind),
    finished: async (step) => {
      await stored;
      if (step.kind === "done") finished.push(step);
      return login;
    },
    unwanted: async (step) => void unwanted.push(step),
    closed: async ({ kind }) => void closed.push(kind),
    telling: (tell) => tell(),
    failing: (error) => void failures.push(error),
  });
  process.watch(watcher);
  return process;
}

const asks = (fill: FieldsStep["fill"]): FieldsStep => ({
  kind: "fields",
  words: "Tell me.",
  fields: [],
  fill,
});
const display = (next: () => Promise<LoginStep>): LoginStep => ({
  kind: "display",
  what: { kind: "link", url: "https://example.org/link" },
  words: "Open it.",
  expiresAt: clock.now() + 60_000,
  next,
});

describe("a conversation about logging in", () => {
  test("takes no second answer while one is worked on", async () => {
    const answer = Promise.withResolvers<LoginStep>();
    let asked = 0;
    const step = asks(() => {
      asked += 1;
      return answer.promise;
    });
    const process = talk(() => step);
    await process.begin();
    const first = process.fill(step, {});
    await expect(process.fill(step, {})).rejects.toMatchObject({
      reason: "bad-input",
      words: "Your answer before is still being worked on. Please wait for what comes of it.",
    });
    answer.resolve(done);
    expect(await first).toEqual({ kind: "done", login });
    expect(asked).toBe(1);
    expect(finished).toEqual([done]);
  });

  test("an answer to a step that is over says so, and changes nothing", async () => {
    const step = asks(async () => done);
    const process = talk(() => step);
    await process.begin();
    await process.fill(step, {});
    expect(await process.fill(step, {})).toEqual({ kind: "done", login });
    expect(finished).toHaveLength(1);
  });

  test("a refused answer leaves the step open, and the words are the network's", async () => {
    let tries = 0;
    const step = asks(async () => {
      tries += 1;
      if (tries === 1) throw refusal;
      return done;
    });
    const process = talk(() => step);
    await process.begin();
    await expect(process.fill(step, {})).rejects.toBe(refusal);
    expect(process.state).toBe(step);
    await process.fill(step, {});
    expect(finished).toEqual([done]);
  });

  test("that cannot begin has failed", async () => {
    const process = talk(() => Promise.reject(refusal));
    await expect(process.begin()).rejects.toBe(refusal);
    expect(process.state).toEqual({ kind: "failed", words: "Not now." });
    expect(closed).toEqual(["failed"]);
  });

  test("a display that nothing follows fails soon after it expired", async () => {
    let signal: AbortSignal | undefined;
    const process = talk((request) => {
      signal = request.signal;
      return display(() => new Promise(() => {}));
    });
    await process.begin();
    await clock.advance(89_000);
    expect(shown).toEqual([]);
    await clock.advance(2_000);
    expect(shown).toEqual([{ kind: "failed", words: "It was not used in time, and is no longer good." }]);
    expect(signal?.aborted).toBe(true);
  });

  test("what goes on by itself and fails says why, once", async () => {
    const process = talk(() => display(() => Promise.reject(refusal)));
    await process.begin();
    await settle();
    await clock.advance(1_000_000);
    expect(shown).toEqual([{ kind: "failed", words: "Not now." }]);
    expect(failures).toEqual([refusal]);
    expect(process.state).toEqual({ kind: "failed", words: "Not now." });
  });

  test("an account that is made after the end is not wanted", async () => {
    const answer = Promise.withResolvers<LoginStep>();
    const step = asks(() => answer.promise);
    const process = talk(() => step);
    await process.begin();
    const filled = process.fill(step, {});
    await process.end("cancelled");
    answer.resolve(done);
    expect(await filled).toEqual({ kind: "ended", why: "cancelled" });
    expect(finished).toEqual([]);
    expect(unwanted).toEqual([done]);
  });

  test("an end that comes while what was made is stored is too late", async () => {
    const step = asks(async () => done);
    const stored = Promise.withResolvers<void>();
    const process = talk(() => step, stored.promise);
    await process.begin();
    const filled = process.fill(step, {});
    await settle();
    const ended = process.end("cancelled");
    stored.resolve();
    await ended;
    expect(await filled).toEqual({ kind: "done", login });
    expect(process.state).toEqual({ kind: "done", login });
    expect(closed).toEqual(["done"]);
    expect(unwanted).toEqual([]);
  });

  test("where the bridge stops, an answer under way is carried out, and nothing is shown any more", async () => {
    const answer = Promise.withResolvers<LoginStep>();
    const step = asks(() => answer.promise);
    const answered = talk(() => step);
    await answered.begin();
    const filled = answered.fill(step, {});
    const scan = Promise.withResolvers<LoginStep>();
    const waiting = talk(({ signal }) => {
      signal.addEventListener("abort", () => scan.reject(new Error("aborted")));
      return display(() => scan.promise);
    });
    await waiting.begin();
    for (const one of [answered, waiting]) one.stop();
    answer.resolve(done);
    expect(await filled).toEqual({ kind: "done", login });
    await clock.advance(10_000_000);
    expect(shown).toEqual([]);
    expect(closed).toEqual(["done"]);
  });

  test("whose person is silent ends, but not while their answer is worked on", async () => {
    const answer = Promise.withResolvers<LoginStep>();
    const step = asks(() => answer.promise);
    const process = talk(() => step);
    await process.begin();
    const filled = process.fill(step, {}, watcher);
    await clock.advance(1_000_000);
    expect(shown).toEqual([]);
    answer.resolve(asks(async () => done));
    await filled;
    await clock.advance(1_000_000);
    expect(shown).toEqual([{ kind: "ended", why: "silence" }]);
    expect(closed).toEqual(["ended"]);
  });
});
