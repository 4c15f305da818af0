import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  usage: "",
  summary: "Shows which version of the bridge this is.",
  group: "answers",
  run: async (_request, context) => [`Version ${context.version}.`],
};
