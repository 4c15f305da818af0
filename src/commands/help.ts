import type { Command } from "./command.ts";

/** Help on the given commands and on itself. */
export function helpOn(commands: readonly Command[]): Command {
  const help: Command = {
    name: "help",
    usage: "",
    summary: "Shows this list.",
    group: "answers",
    run: async () => [
      [
        "This is what I understand:",
        ...[help, ...commands].map(
          ({ name, usage, summary }) => `• “${[name, usage].join(" ").trim()}”: ${summary}`,
        ),
        "To begin, write “networks”.",
      ].join("\n"),
    ],
  };
  return help;
}
