import type { Command } from "../command.ts";
import { no } from "./no.ts";

export const cancel: Command = {
  name: "cancel",
  usage: "",
  summary: "Ends turning a network on, wherever that is.",
  group: "answers",
  // Without a topic, so that it does not wait for the command it ends.
  run: async (request, context) => {
    const ended = await context.dialogues.cancel(request.user);
    if (ended) return ended;
    if (await context.processes.asked(request.user)) return no.run(request, context);
    return ["There is nothing to end. Write “networks” to see what there is."];
  },
};
