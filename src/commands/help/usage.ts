import type { Network } from "../../core/ports/network.ts";
import type { Command } from "../command.ts";

/** A part of what follows a command's name. */
export interface UsagePart {
  /** `network`, `whom`, or the word that is typed. */
  readonly name: string;
  readonly optional: boolean;
  /** What may be typed in its place, one of which is this part: `on`, `off`. */
  readonly choices: readonly string[];
}

/** Reads a usage, as `<network> <whom> [yes|no]`. */
export function partsOf(usage: string): readonly UsagePart[] {
  const tokens = usage.match(/(?:<[^>]+>|\[[^\]]+\]|[^\s<>[\]])+/gu) ?? [];
  return tokens.map((token) => {
    const optional = token.startsWith("[");
    const choices = (optional ? token.slice(1, -1) : token).split("|");
    const placeholder = choices.find((one) => one.startsWith("<"))?.slice(1, -1);
    const only = choices.length === 1 ? choices[0] : undefined;
    return { name: placeholder ?? only ?? choices.join(" or "), optional, choices };
  });
}

/** Whether the part is a word that is always typed as it is. */
export const isLiteral = ({ optional, choices: [only = "", ...others] }: UsagePart): boolean =>
  !optional && others.length === 0 && !only.startsWith("<");

/** Somebody whom one has a chat with, for an example. */
const SOMEBODY = "Bram";

/** The command as somebody could type it; undefined where its usage does not tell. */
export function exampleOf(
  { name, usage, example }: Command,
  network: Pick<Network, "id" | "example"> | undefined,
): string | undefined {
  if (example !== undefined) return `${name} ${example}`;
  const typed: string[] = [name];
  for (const { optional, choices } of partsOf(usage)) {
    if (optional) continue;
    const words = choices.map((choice) => wordsFor(choice, name, network)).find((one) => one !== undefined);
    if (words === undefined) return undefined;
    typed.push(words);
  }
  return typed.join(" ");
}

function wordsFor(
  choice: string,
  command: string,
  network: Pick<Network, "id" | "example"> | undefined,
): string | undefined {
  if (!choice.startsWith("<")) return choice;
  if (choice === "<network>") return network?.id;
  if (choice === "<whom>") return command === "start-chat" ? (network?.example ?? SOMEBODY) : SOMEBODY;
  if (choice === "<group>" || choice === "<name>") return "Dinner";
  return choice === "<words>" ? SOMEBODY : undefined;
}
