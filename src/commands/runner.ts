import type { Answer } from "../core/management/answers.ts";
import type { CommandRunner } from "../core/management/command-runs.ts";
import { decisionOf } from "../core/management/questions.ts";
import { shortened } from "../core/model/cut-text.ts";
import { BridgeError } from "../core/model/errors.ts";
import type { UserId } from "../core/model/ids.ts";
import { faultOf } from "../core/ports/log.ts";
import { SerialByKey } from "../core/runtime/serial-by-key.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { descriptionsOf, writtenAs } from "./help/descriptions.ts";
import { prefixed } from "./help/habits.ts";
import { suggestionWords } from "./help/suggestion-words.ts";
import { theirsFirst } from "./help/theirs-first.ts";
import { answer } from "./login/answer.ts";
import { type LateSecret, LoginDialogues } from "./login/login-dialogues.ts";
import { afterCommand, parseCommand } from "./parse.ts";
import { isForRooms } from "./rooms/for-rooms.ts";
import { commandsFor } from "./table.ts";

const UNANSWERED =
  "The network did not answer as it should, so it is not known whether this was done. Write “status” to see how it goes, and try again.";

/** Commands that answer a login flow's step: while one is asked, their words may be a field's value. */
const ANSWER_COMMANDS: ReadonlySet<string> = new Set(["yes", "no"]);

interface ParsedRequest {
  readonly name: string;
  readonly words: readonly string[];
  readonly rest: string;
  readonly command: Command | undefined;
}

/** The answer to what is no command. */
async function unknownAnswer(
  { user, name, rest }: { readonly user: UserId; readonly name: string; readonly rest: string },
  secret: LateSecret,
  context: CommandContext,
  commands: readonly Command[],
): Promise<Answer> {
  if (secret !== "none") return unknownWords(name, secret);
  const isAdministrator = context.access.levelOf(user) === "admin";
  const suggestion = suggestionWords(name, rest, {
    commands: commands.filter(({ group }) => group !== "administration" || isAdministrator),
    networks: await theirsFirst(user, context),
  });
  return suggestion ?? unknownWords(name, secret);
}

function unknownWords(name: string, secret: LateSecret): string {
  const what = {
    none: `“${shortened(name, 40)}”`,
    deleted: "that, and deleted it in case it is what I asked you for",
    left: "that",
  }[secret];
  return `I do not know ${what}. Write “help” to see what I can do.`;
}

/**
 * Runs what people write in their management rooms. It always answers, unless the bridge stops: then the command runs
 * again.
 */
export function commandRunner(scope: Omit<CommandContext, "dialogues">): CommandRunner {
  const dialogues = new LoginDialogues(scope);
  const context: CommandContext = { ...scope, dialogues };
  const commands = commandsFor(Array.from(context.networks.values()));
  const serial = new SerialByKey();
  const isOurs = (word: string): boolean => commands.some(({ name }) => name === word);
  /** The command behind another bridge's prefix, which nobody needs here: `!wa login`. */
  const readPrefixed = (text: string) => prefixed(text, isOurs, context.networks.keys());
  const withoutPrefix = (text: string): string => {
    const typed = readPrefixed(text);
    return typed?.isCommand ? typed.rest || "help" : text;
  };
  /** Reads a message as a command, or as the answer to what its person is asked. */
  const parseRequest = ({
    user,
    text: said,
  }: {
    readonly user: UserId;
    readonly text: string;
  }): ParsedRequest => {
    const text = withoutPrefix(said);
    const parsed = parseCommand(text);
    const command = commands.find(({ name }) => name === parsed.name);
    if (dialogues.isAsking(user) && (command === undefined || ANSWER_COMMANDS.has(command.name)))
      return { name: answer.name, words: [], rest: text.trim(), command: answer };
    // It may be a secret, which is neither repeated nor stored.
    const name = command === undefined && dialogues.mayBeSecret(user) ? answer.name : parsed.name;
    return { ...parsed, name, rest: afterCommand(text), command };
  };
  const runSerially = (command: Command, request: CommandRequest) => {
    const run = () => command.run(request, context);
    return command.topic === undefined ? run() : serial.run(`${request.user} ${command.topic}`, run);
  };
  return {
    async run({ user, room, event, text }) {
      const { name, words, rest, command } = parseRequest({ user, text });
      if (name === "") return ["I read text only. Write “help” to see what I can do."];
      try {
        if (!command) {
          const secret = await dialogues.deleteLateSecret({ user, room, event });
          return [await unknownAnswer({ user, name, rest }, secret, context, commands)];
        }
        return await runSerially(command, { user, room, event, words, rest });
      } catch (error) {
        if (error instanceof BridgeError && error.reason === "stopping") throw error;
        const { reason, words: why, retryAfter } = BridgeError.from(error);
        const fields = { command: command?.name ?? "none", ...faultOf(error) };
        if (reason === "internal") context.log.error("a command failed", fields);
        else context.log.info("a command was refused", fields);
        // The error's words are about a message, which waits for the network by itself; a command does not.
        const remote = reason === "remote-unreachable" || reason === "remote-refused";
        return [remote && retryAfter !== undefined ? UNANSWERED : why];
      }
    },
    meanwhile: (request) =>
      `“${parseRequest(request).name}” takes a moment. I answer here as soon as it is done; you can go on writing to me meanwhile.`,
    kept: (request) => (parseRequest(request).name === answer.name ? answer.name : request.text),
    resume: () => dialogues.resume(),
    prefixed: readPrefixed,
    isForRooms: (text) => isForRooms(text, context.networks),
    written: (invocation) => writtenAs(invocation, commands),
    describe: (user) =>
      descriptionsOf(
        commands.filter(
          ({ group, partOf }) =>
            partOf === undefined && (group !== "administration" || context.access.levelOf(user) === "admin"),
        ),
      ),
    decision({ user, text }) {
      if (dialogues.isAsking(user)) return undefined;
      const { name, words } = parseCommand(text);
      if (words.length > 0) return undefined;
      return name === "yes" || name === "no" ? name : decisionOf(name);
    },
  };
}
