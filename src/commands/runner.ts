import { BridgeError } from "../core/errors.ts";
import { faultOf } from "../core/log.ts";
import type { CommandRunner } from "../core/management.ts";
import type { Scene } from "./command.ts";
import { parseCommand } from "./parse.ts";
import { commands } from "./table.ts";

/** Runs what a person wrote in the management room. It always answers, and never throws. */
export function commandRunner(scene: Scene): CommandRunner {
  return {
    async run({ user, text }) {
      const { name, words } = parseCommand(text);
      const command = commands.find((known) => known.name === name);
      if (name === "") return ["I read text only. Write “help” to see what I can do."];
      if (!command) return [`I do not know “${name.slice(0, 40)}”. Write “help” to see what I can do.`];
      try {
        return await command.run({ user, words }, scene);
      } catch (error) {
        const { reason, words: why } = BridgeError.from(error);
        const fields = { command: name, ...faultOf(error) };
        if (reason === "internal") scene.log.error("a command failed", fields);
        else scene.log.info("a command was refused", fields);
        return [why];
      }
    },
  };
}
