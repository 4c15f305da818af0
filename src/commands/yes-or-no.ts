import type { Question } from "../core/management/answers.ts";

/** A question that `command` asks, which it answers with yes or no at its end. */
export const yesOrNo = (words: string, command: string): Question => ({
  words,
  choices: [
    { label: "Yes", text: `${command} yes`, means: "yes" },
    { label: "No", text: `${command} no`, means: "no" },
  ],
});
