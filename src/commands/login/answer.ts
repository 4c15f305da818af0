import type { Command } from "../command.ts";

export const answer: Command = {
  name: "answer",
  usage: "<what you are asked>",
  example: "1234",
  summary:
    "Answers what I ask for while a network is turned on; where it is no command, it can be written alone.",
  group: "answers",
  topic: "login",
  run: async (request, { dialogues }) =>
    (await dialogues.fill(request, request.rest)) ?? [
      "I am not asking you anything now. Write “networks” to see what there is.",
    ],
};
