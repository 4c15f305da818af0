import type { Answer } from "../../core/management/answers.ts";
import { shortened } from "../../core/model/cut-text.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Command } from "../command.ts";
import { suggestionFor } from "./habits.ts";
import { exampleOf } from "./usage.ts";

interface Known {
  readonly commands: readonly Command[];
  /** Those that are on for the person first. */
  readonly networks: readonly Network[];
}

/** Longer words behind the name are not repeated. */
const LONGEST_REST = 60;

/** The answer to a word that is no command, where something was probably meant by it. */
export function suggestionWords(
  name: string,
  rest: string,
  { commands, networks }: Known,
): Answer | undefined {
  const suggestion = suggestionFor(name, rest.length > LONGEST_REST ? "" : rest, {
    commands: commands.map((command) => command.name),
    networks: networks.map(({ id }) => id),
  });
  if (!suggestion) return undefined;
  const unknown = `I do not know “${shortened(name, 40)}”.`;
  if ("words" in suggestion) return `${unknown} ${suggestion.words}`;
  const { command: typed } = suggestion;
  const [word = ""] = typed.split(" ");
  const command = commands.find((one) => one.name === word);
  const isWhole = command === undefined || typed.split(" ").length > needed(command);
  const meant = isWhole ? typed : command && exampleOf(command, networks[0]);
  if (meant === undefined)
    return `${unknown} Did you mean “${word}”? Write “help ${word}” to see how it is used.`;
  return isWhole
    ? { words: `${unknown} Did you mean “${meant}”?`, choices: [{ label: meant, text: meant }] }
    : `${unknown} Did you mean “${word}”? It is written like this: “${meant}”.`;
}

const needed = ({ usage }: Command): number => (usage.match(/<(?!country)/g) ?? []).length;
