import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { forAdministrators } from "./for-administrators.ts";

const USUAL = 10;
const MOST = 50;

async function run(
  { words: [typed] }: CommandRequest,
  { administration }: CommandContext,
): Promise<readonly string[]> {
  const wanted = typed === undefined ? USUAL : Number(typed);
  if (!Number.isInteger(wanted) || wanted < 1)
    return [`How many? Write “dead-letters” with a number up to ${MOST}, such as “dead-letters 20”.`];
  const letters = await administration.deadLetters(Math.min(wanted, MOST));
  if (letters.length === 0) return ["Nothing was given up: all has crossed, or waits to."];
  const lines = letters.map(({ direction, key, ref, reason, at }) => {
    const when = `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const way = direction === "to-network" ? "to the network" : "to Matrix";
    return `• ${when}, ${way}: ${reason}. ${ref}${key === undefined ? "" : `, login ${key.login}`}`;
  });
  return [
    [
      "What was given up last, without what it says. Its people were told, in the chat it belongs to:",
      ...lines,
    ].join("\n"),
  ];
}

export const deadLetters: Command = forAdministrators({
  name: "dead-letters",
  usage: "[how many]",
  example: "20",
  summary: "Shows what was given up last and why, without what it says.",
  run,
});
