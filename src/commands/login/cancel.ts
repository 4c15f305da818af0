import type { Command } from "../command.ts";
import { no } from "./no.ts";

export const cancel: Command = {
  name: "cancel",
  usage: "",
  summary: "Ends turning a network on, wherever that is.",
  // Not in turn with what it ends.
  run: async (request, scene) => {
    const ended = await scene.dialogues.cancel(request.user);
    if (ended) return ended;
    if (await scene.processes.asked(request.user)) return no.run(request, scene);
    return ["There is nothing to end. Write “networks” to see what there is."];
  },
};
