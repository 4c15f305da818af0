import type { Invocation } from "../../core/model/events.ts";
import type { CommandDescription } from "../../core/ports/homeserver.ts";
import type { Command } from "../command.ts";
import { isLiteral, partsOf, type UsagePart } from "./usage.ts";

const keyOf = ({ name }: UsagePart): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");

/** The commands for clients that offer them while one types. */
export const descriptionsOf = (commands: readonly Command[]): readonly CommandDescription[] =>
  commands.map(({ name, summary, usage }) => ({
    name,
    summary,
    parameters: partsOf(usage)
      .filter((part) => !isLiteral(part))
      .map((part) => ({
        key: keyOf(part),
        words: part.choices.every((one) => one.startsWith("<")) ? part.name : part.choices.join(" or "),
        optional: part.optional,
      })),
  }));

/** A command that a client has read, as one would type it: its arguments in the order of the usage. */
export function writtenAs({ name, arguments: given }: Invocation, commands: readonly Command[]): string {
  const command = commands.find((one) => one.name === name.toLowerCase());
  const values = command
    ? partsOf(command.usage).map((part) => (isLiteral(part) ? part.name : (given[keyOf(part)] ?? "")))
    : Object.values(given);
  return [name, ...values].filter(Boolean).join(" ");
}
