import type { CommandRunner } from "../core/management/command-runs.ts";
import { shortened } from "../core/model/cut-text.ts";
import { BridgeError } from "../core/model/errors.ts";
import type { UserId } from "../core/model/ids.ts";
import { faultOf } from "../core/ports/log.ts";
import { SerialByKey } from "../core/runtime/serial-by-key.ts";
import type { Command, Request, Scene } from "./command.ts";
import { answer } from "./login/answer.ts";
import { LoginDialogues } from "./login/login-dialogues.ts";
import { behindCommand, parseCommand } from "./parse.ts";
import { commandsFor } from "./table.ts";

const UNANSWERED =
  "The network did not answer as it should, so it is not known whether this was done. Write “status” to see how it goes, and try again.";

/** Commands that are answers themselves, where somebody is asked for something. */
const WORDS: ReadonlySet<string> = new Set(["yes", "no"]);

interface Meant {
  readonly name: string;
  readonly words: readonly string[];
  readonly rest: string;
  readonly command: Command | undefined;
}

/** Runs what a person wrote in the management room. It always answers, unless the bridge stops: then it runs again. */
export function commandRunner(within: Omit<Scene, "dialogues">): CommandRunner {
  const dialogues = new LoginDialogues(within);
  const scene: Scene = { ...within, dialogues };
  const commands = commandsFor(Array.from(scene.networks.values()));
  const serial = new SerialByKey();
  /** What is meant: a command, or what the person is asked for. */
  const meant = ({ user, text }: { readonly user: UserId; readonly text: string }): Meant => {
    const parsed = parseCommand(text);
    const command = commands.find(({ name }) => name === parsed.name);
    if (dialogues.isAsking(user) && (command === undefined || WORDS.has(command.name)))
      return { name: answer.name, words: [], rest: text.trim(), command: answer };
    return { ...parsed, rest: behindCommand(text), command };
  };
  const inTurn = (command: Command, request: Request) => {
    const run = () => command.run(request, scene);
    return command.topic === undefined ? run() : serial.run(`${request.user} ${command.topic}`, run);
  };
  return {
    async run({ user, room, event, text }) {
      const { name, words, rest, command } = meant({ user, text });
      if (name === "") return ["I read text only. Write “help” to see what I can do."];
      const what = dialogues.mayBeSecret(user) ? "that" : `“${shortened(name, 40)}”`;
      if (!command) return [`I do not know ${what}. Write “help” to see what I can do.`];
      try {
        return await inTurn(command, { user, room, event, words, rest });
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
    meanwhile: (request) =>
      `“${meant(request).name}” takes a moment. I answer here as soon as it is done; you can go on writing to me meanwhile.`,
    kept: (request) => (meant(request).command === answer ? answer.name : request.text),
    resume: () => dialogues.resume(),
  };
}
