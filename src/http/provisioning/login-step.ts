import { z } from "zod";
import { knownAsSentence } from "../../core/logins/account-words.ts";
import type { LoginProcess, OpenStep, ProcessState } from "../../core/logins/login-process.ts";
import type { DisplayStep, LoginField } from "../../core/ports/login-flow.ts";
import { notFound, Refusal } from "./refusal.ts";
import { notice, noticeOf } from "./shapes.ts";

const field = z
  .object({
    type: z.enum(["username", "phone_number", "email", "2fa_code", "password", "select"]),
    id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    options: z.array(z.string()).optional().describe("Of a select"),
    required: z.boolean().describe("Ours: false where it may be left empty"),
  })
  .meta({ id: "LoginField" });

const common = {
  login_id: z.string().describe("The id of the process, by which its steps are answered"),
  step_id: z.string(),
  instructions: z.string().describe("What to do, in plain text"),
  network_id: z.string().describe("Ours: the network that is turned on"),
};

const problem = z
  .object({ words: z.string(), field: z.string().optional().describe("The field it is about") })
  .describe("Ours: what was wrong with the answer before; it can be given again")
  .optional();

export const loginStep = z
  .discriminatedUnion("type", [
    z.object({
      ...common,
      type: z.literal("user_input"),
      user_input: z.object({ fields: z.array(field) }),
      problem,
      notice: notice.optional().describe("Ours: the step is something to read and to agree to"),
    }),
    z.object({
      ...common,
      type: z.literal("display_and_wait"),
      display_and_wait: z.object({
        type: z.enum(["qr", "code", "nothing"]),
        data: z.string().optional(),
        url: z.string().optional().describe("Ours: the data is a link to open"),
        expires_at: z.number().int().optional().describe("Ours: milliseconds since the epoch"),
      }),
    }),
    z.object({
      ...common,
      type: z.literal("complete"),
      complete: z.object({ user_login_id: z.string() }),
    }),
  ])
  .meta({ id: "LoginStep" });

type Step = z.input<typeof loginStep>;
type Field = z.input<typeof field>;

export interface Problem {
  readonly words: string;
  readonly field?: string;
}

/** The fields by which a notice is answered. */
export const AGREE = "agree";
export const BESIDE = "beside";

const TYPES: { readonly [K in LoginField["kind"]]: Field["type"] } = {
  text: "username",
  phone: "phone_number",
  email: "email",
  code: "2fa_code",
  password: "password",
};

/** Names a state of a process, so that an answer to an earlier one is told apart. */
export const stepIdOf = (process: LoginProcess): string =>
  `${process.state?.kind ?? "begin"}-${process.turn}`;

/** Where a process stands, as a client shows it. Throws Refusal where it ended in vain. */
export function stepOf(process: LoginProcess, wrong?: Problem): Step {
  const { state, of } = process;
  if (state === undefined) throw notFound("This login has not begun yet. Ask again in a moment.");
  const about = { login_id: of.login, step_id: stepIdOf(process), network_id: of.network.id };
  const before = wrong === undefined ? "" : `${wrong.words}\n`;
  const problem = wrong === undefined ? {} : { problem: wrong };
  switch (state.kind) {
    case "notice": {
      const { paragraphs, agreement } = state;
      const ask = `Choose “yes” if ${agreement}, or “no” to leave ${of.network.name} off. Until you do, nothing is sent.`;
      return {
        ...about,
        ...problem,
        type: "user_input",
        instructions: `${before}${paragraphs.join("\n")}\n${ask}`,
        notice: noticeOf(state),
        user_input: { fields: noticeFields(state) },
      };
    }
    case "fields":
      return {
        ...about,
        ...problem,
        type: "user_input",
        instructions: `${before}${state.words}`,
        user_input: { fields: state.fields.map(fieldOf) },
      };
    case "display":
      return {
        ...about,
        type: "display_and_wait",
        instructions: state.words,
        display_and_wait: { ...displayed(state.what), expires_at: state.expiresAt },
      };
    case "wait":
      return {
        ...about,
        type: "display_and_wait",
        instructions: state.words,
        display_and_wait: { type: "nothing" },
      };
    case "done":
      return {
        ...about,
        type: "complete",
        instructions: `${of.network.name} is on. ${knownAsSentence(of.network, state.login.visibleId)}`,
        complete: { user_login_id: state.login.id },
      };
    case "failed":
      throw new Refusal({
        status: 400,
        errcode: "M_UNKNOWN",
        words: `${of.network.name} is not turned on. ${state.words}`,
      });
    case "ended":
      throw new Refusal({ status: 400, ...ended(state.why) });
  }
}

function noticeFields({ beside }: Extract<OpenStep, { kind: "notice" }>): Field[] {
  const agree: Field = {
    type: "select",
    id: AGREE,
    name: "Do you agree?",
    options: ["yes", "no"],
    required: true,
  };
  if (beside === undefined) return [agree];
  const example = beside.example === undefined ? "" : `, such as ${beside.example}`;
  const description = `It may be left empty; else ${beside.name}${example}.`;
  return [agree, { type: "username", id: BESIDE, name: beside.name, description, required: false }];
}

const fieldOf = ({ id, kind, name, example }: LoginField): Field => ({
  type: TYPES[kind],
  id,
  name,
  ...(example === undefined ? {} : { description: `Such as ${example}` }),
  required: true,
});

function displayed(what: DisplayStep["what"]) {
  switch (what.kind) {
    case "qr":
      return { type: "qr", data: what.data } as const;
    case "code":
      return { type: "code", data: what.code } as const;
    case "link":
      return { type: "code", data: what.url, url: what.url } as const;
  }
}

function ended(why: Extract<ProcessState, { kind: "ended" }>["why"]) {
  switch (why) {
    case "cancelled":
      return {
        errcode: "FI.MAU.BRIDGE.LOGIN_CANCELLED",
        words: "This login was ended, and nothing was turned on. Begin again if you want to.",
      };
    case "replaced":
      return {
        errcode: "FI.MAU.BRIDGE.LOGIN_CANCELLED",
        words: "Another login was begun in place of this one, here or in the chat with the bot.",
      };
    case "silence":
      return {
        errcode: "FI.MAU.BRIDGE.LOGIN_TIMED_OUT",
        words: "Nothing was answered for a while, so this login was ended. Begin again.",
      };
  }
}
