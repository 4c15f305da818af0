import type { Command } from "../command.ts";
import { noticeQuestion } from "./step-words.ts";

/** Shows the whole of the notice that is open, and asks again. */
export const more: Command = {
  name: "more",
  usage: "",
  summary: "Shows the whole of the notice you were shown last.",
  group: "answers",
  topic: "login",
  async run({ user }, { dialogues, processes }) {
    const asked = await processes.asked(user);
    const notice = asked && (await dialogues.processOf(user, asked)).state;
    return asked && notice?.kind === "notice"
      ? [noticeQuestion(asked.network, notice, { whole: true })]
      : ["There is nothing more to read. Write “networks” to see what there is."];
  },
};
