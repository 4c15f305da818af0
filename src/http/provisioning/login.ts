import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import type { LoginProcess } from "../../core/logins/login-process.ts";
import { BridgeError } from "../../core/model/errors.ts";
import type { LoginId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { FieldsStep, NoticeStep } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";
import { flowCalled, flowsOf } from "./flows.ts";
import { AGREE, BESIDE, loginStep, type Problem, stepIdOf, stepOf } from "./login-step.ts";
import { badState, notFound, Refusal } from "./refusal.ts";
import { LONGEST_WAIT, type Route, route } from "./route.ts";
import { empty, loginFlow, loginId } from "./shapes.ts";

interface Scope extends Pick<CommandScope, "processes" | "logins" | "tools"> {
  readonly clock: Pick<Clock, "after">;
}

/** Requests that may wait for one process, so that nobody takes all of the listener's connections. */
const MOST_WAITING = 8;

const processId = z.string().max(200).describe("The login_id of the step that is answered");
const stepId = z.string().max(100);
const typed = z
  .record(z.string().max(100), z.string().max(2_000))
  .describe("What was typed, by the fields' ids");

/** Logging in, by the same processes as in the chat with the bot. */
export function loginRoutes({ processes, logins, tools, clock }: Scope): readonly Route[] {
  const waiting = new WeakMap<LoginProcess, number>();
  return [
    route({
      method: "GET",
      path: "/v3/login/flows",
      id: "getLoginFlows",
      summary: "The ways to log in.",
      tag: "v3",
      answer: z.object({ flows: z.array(loginFlow) }),
      handle: async ({ networks }) => ({ flows: flowsOf(networks) }),
    }),
    route({
      method: "POST",
      path: "/v3/login/start/{flow}",
      id: "startLogin",
      summary: "Begins to log in, in place of whatever login was under way.",
      tag: "v3",
      params: z.object({ flow: z.string().max(200) }),
      query: z.object({
        login_id: loginId.optional().describe("A login to renew; which it is follows from the account"),
      }),
      answer: loginStep,
      async handle({ caller: { user }, networks, params, query }) {
        const called = flowCalled(params.flow, networks);
        if (!called) throw notFound("There is no such way to log in. Ask for the flows there are.");
        const { network, flow } = called;
        if (query.login_id !== undefined) {
          const theirs = await logins.of(user, network.id);
          if (!theirs.some(({ id }) => id === query.login_id)) throw notFound("You have no such login.");
        }
        if (!(await logins.mayBegin(user, network))) throw isOn(network);
        return stepOf(await processes.begin(user, network, flow));
      },
    }),
    route({
      method: "POST",
      path: "/v3/login/step/{login_process}/{step}/user_input",
      id: "submitLoginStepUserInput",
      summary: "Answers a step with what the person chose or typed.",
      tag: "v3",
      params: z.object({ login_process: processId, step: stepId }),
      body: typed,
      answer: loginStep,
      refuses: [409],
      async handle({ caller: { user }, params, body }) {
        const process = processOf(user, params.login_process);
        const { state } = process;
        if (state?.kind !== "notice" && state?.kind !== "fields") return stepOf(wrongKind(process));
        if (stepIdOf(process) !== params.step) throw anotherStep();
        if (process.isWorking) throw working();
        return state.kind === "notice" ? consented(process, state, body) : filled(process, state, body);
      },
    }),
    route({
      method: "POST",
      path: "/v3/login/step/{login_process}/{step}/display_and_wait",
      id: "submitLoginStepDisplayAndWait",
      summary: `Waits for the next step; after ${LONGEST_WAIT / 1_000} seconds the same one is answered, to be waited for again.`,
      tag: "v3",
      waits: true,
      params: z.object({ login_process: processId, step: stepId }),
      answer: loginStep,
      async handle({ caller: { user }, params, signal }) {
        const process = processOf(user, params.login_process);
        // What was waited for is there already, where an answer was lost.
        if (stepIdOf(process) === params.step) {
          if (process.state?.kind === "notice" || process.state?.kind === "fields") throw anotherKind();
          await passed(process, signal);
        }
        return stepOf(process);
      },
    }),
    route({
      method: "POST",
      path: "/v3/login/cancel/{login_process}",
      id: "cancelLogin",
      summary: "Ends a login that is under way.",
      tag: "v3",
      params: z.object({ login_process: processId }),
      answer: empty,
      async handle({ caller: { user }, params }) {
        await processOf(user, params.login_process).end("cancelled");
        return {};
      },
    }),
    route({
      method: "GET",
      path: "/person/v1/login",
      id: "currentLogin",
      shown: "login",
      summary: "The login that is under way, wherever it was begun: the chat with the bot, or another page.",
      tag: "person",
      answer: z.object({
        step: loginStep.nullable(),
        picture: z.string().optional().describe("The QR code that is to be scanned now, as a PNG in base64"),
      }),
      async handle({ caller: { user } }) {
        const process = processes.of(user);
        const state = process?.state;
        if (process === undefined || state === undefined) return { step: null };
        const step = stepOf(process);
        if (state.kind !== "display" || state.what.kind !== "qr") return { step };
        const { png } = await tools.qrCode(Buffer.from(state.what.data));
        return { step, picture: Buffer.from(png).toString("base64") };
      },
    }),
  ];

  function processOf(user: UserId, id: string): LoginProcess {
    const process = processes.find(user, id as LoginId);
    if (!process) throw notFound("There is no such login under way. It may be over: begin again.");
    return process;
  }

  async function consented(process: LoginProcess, step: NoticeStep, body: z.output<typeof typed>) {
    const answer = body[AGREE]?.trim().toLowerCase();
    if (answer === "no") {
      await process.end("cancelled");
      return stepOf(process);
    }
    if (answer !== "yes") return stepOf(process, { field: AGREE, words: "Please choose “yes” or “no”." });
    const beside = body[BESIDE]?.trim();
    return answered(process, () => process.agree(step, beside === "" ? undefined : beside));
  }

  async function filled(process: LoginProcess, step: FieldsStep, body: z.output<typeof typed>) {
    const values: Record<string, string> = {};
    for (const field of step.fields) {
      const given = body[field.id] ?? "";
      if (given === "") return stepOf(process, { field: field.id, words: `Please give ${field.name}.` });
      const checked = field.check(given);
      if ("wrong" in checked) return stepOf(process, { field: field.id, words: checked.wrong });
      values[field.id] = checked.value;
    }
    return answered(process, () => process.fill(step, values));
  }

  /** What is wrong with an answer is said with the step again, as it can be answered again. */
  async function answered(process: LoginProcess, answer: () => Promise<unknown>) {
    try {
      await answer();
    } catch (error) {
      const { reason, words } = BridgeError.from(error);
      if (process.isWorking) throw working();
      if (reason !== "bad-input" && reason !== "unsupported") throw error;
      const problem: Problem = { words };
      return stepOf(process, problem);
    }
    return stepOf(process);
  }

  async function passed(process: LoginProcess, signal: AbortSignal): Promise<void> {
    const count = waiting.get(process) ?? 0;
    if (count >= MOST_WAITING) throw crowded();
    waiting.set(process, count + 1);
    const patience = new AbortController();
    const cancel = clock.after(LONGEST_WAIT, () => patience.abort());
    try {
      await process.beyond(process.turn, AbortSignal.any([signal, patience.signal]));
    } finally {
      waiting.set(process, (waiting.get(process) ?? 1) - 1);
      cancel();
    }
  }
}

/** An answer of the wrong kind to what is over says how it ended. */
function wrongKind(process: LoginProcess): LoginProcess {
  if (process.state?.kind === "display" || process.state?.kind === "wait") throw anotherKind();
  return process;
}

const anotherKind = (): Refusal => badState("This step is answered in another way. Look at its type.");

const anotherStep = (): Refusal =>
  badState(
    "The login is at another step by now, perhaps from the chat with the bot. Look at where it stands.",
  );

const working = (): Refusal =>
  new Refusal({
    status: 409,
    errcode: "M_BAD_STATE",
    words: "The answer before is still being worked on. Wait for what comes of it.",
  });

const crowded = (): Refusal =>
  new Refusal({
    status: 429,
    errcode: "M_LIMIT_EXCEEDED",
    words: "Too many requests wait for this login already. Close other pages that do.",
    retryAfter: 5_000,
  });

const isOn = ({ name }: Network): Refusal =>
  new Refusal({
    status: 400,
    errcode: "FI.MAU.BRIDGE.TOO_MANY_LOGINS",
    words: `${name} is on for you already, and takes one account of yours.`,
  });
