import type { Question } from "../../core/management/answers.ts";
import type { LoginField, NoticeStep } from "../../core/ports/login-flow.ts";
import type { Network } from "../../core/ports/network.ts";

/** The bot's words for the steps of a login flow, with the commands that answer them. */

const CANCEL = "Write “cancel” to end this.";

/** Asks for a yes to a notice: by its summary, where it has one and `whole` is not wanted. */
export function noticeQuestion({ name }: Network, step: NoticeStep, { whole = false } = {}): Question {
  const { summary, paragraphs, agreement, beside } = step;
  const short = whole ? undefined : summary;
  const country = beside ? `, or “yes” and ${beside.name}, such as “yes ${beside.example ?? "…"}”` : "";
  const more = short ? "Write “more” to read the whole. " : "";
  const lines = (short ?? paragraphs).map((line) => `• ${line}`);
  return {
    words: [
      `Before ${name} is turned on for you, please read this:`,
      ...lines,
      `${more}Write “yes” if ${agreement}${country}. Write “no” to leave ${name} off. Until you do, nothing is sent.`,
    ].join("\n"),
    choices: [
      { label: "Yes", text: "yes", means: "yes" },
      { label: "No", text: "no", means: "no" },
      ...(short ? [{ label: "More", text: "more" }] : []),
    ],
  };
}

export function fieldWords(before: string, { name, example, secret }: LoginField): string {
  const like = example === undefined ? "" : `, such as ${example}`;
  const kept = secret ? " I delete your message with it here, where I may." : "";
  return `${before} Write ${name}${like}.${kept} If it begins like a command of mine, write “answer” before it. ${CANCEL}`.trim();
}

/** The caption of a code that is a picture, or the text before any other. */
export const displayWords = (words: string): string => `${words} It is renewed by itself. ${CANCEL}`;

export const waitWords = (words: string): string => `${words} ${CANCEL}`;

export const failedWords = ({ id, name }: Network, words: string): string =>
  `${name} is not turned on. ${words} Write “enable ${id}” to begin again.`;

export const NOT_DELETED = "I may not delete your message with it here, so please delete it yourself.";

export const silenceWords = ({ id, name }: Network): string =>
  `I heard nothing from you for a while, so turning ${name} on was ended. Write “enable ${id}” to begin again.`;

export const interruptedWords = (id: string, name: string): string =>
  `The bridge was restarted while you were turning ${name} on, so that has to be begun again: write “enable ${id}”.`;

export const cancelledWords = ({ id, name }: Network): string =>
  `That was ended, and nothing was turned on. Write “enable ${id}” to begin with ${name} again.`;

export const offAgainWords = ({ id, name }: Network): string =>
  `${name} was turned off meanwhile. Write “enable ${id}” to turn it on again.`;
