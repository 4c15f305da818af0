import type { CommandRunner } from "../core/management/command-runs.ts";
import { shortened } from "../core/model/cut-text.ts";
import { BridgeError } from "../core/model/errors.ts";
import { faultOf } from "../core/ports/log.ts";
import { SerialByKey } from "../core/runtime/serial-by-key.ts";
import type { Command, Request, Scene } from "./command.ts";
import { parseCommand } from "./parse.ts";
import { commands } from "./table.ts";

const UNANSWERED =
  "The network did not answer as it should, so it is not known whether this was done. Write “status” to see how it goes, and try again.";

/** Runs what a person wrote in the management room. It always answers, unless the bridge stops: then it runs again. */
export function commandRunner(scene: Scene): CommandRunner {
  const turns = new SerialByKey();
  const inTurn = (command: Command, request: Request) => {
    const run = () => command.run(request, scene);
    return command.topic === undefined ? run() : turns.take(`${request.user} ${command.topic}`, run);
  };
  return {
    async run({ user, event, text }) {
      const { name, words } = parseCommand(text);
      const command = commands.find((known) => known.name === name);
      if (name === "") return ["I read text only. Write “help” to see what I can do."];
      if (!command) return [`I do not know “${shortened(name, 40)}”. Write “help” to see what I can do.`];
      try {
        return await inTurn(command, { user, event, words });
      } catch (error) {
        if (error instanceof BridgeError && error.reason === "stopping") throw error;
        const { reason, words: why, retryAfter } = BridgeError.from(error);
        const fields = { command: name, ...faultOf(error) };
        if (reason === "internal") scene.log.error("a command failed", fields);
        else scene.log.info("a command was refused", fields);
        // Whoever threw it speaks of a message, which waits for the network by itself; a command does not.
        const remote = reason === "remote-unreachable" || reason === "remote-refused";
        return [remote && retryAfter !== undefined ? UNANSWERED : why];
      }
    },
    meanwhile: ({ text }) =>
      `“${parseCommand(text).name}” takes a moment. I answer here as soon as it is done; you can go on writing to me meanwhile.`,
  };
}
