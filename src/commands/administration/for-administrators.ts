import type { Command } from "../command.ts";

/** A command that is carried out for administrators alone. */
export const forAdministrators = (command: Omit<Command, "group">): Command => ({
  ...command,
  group: "administration",
  run: async (request, context) =>
    context.access.levelOf(request.user) === "admin"
      ? command.run(request, context)
      : ["Only an administrator of this bridge can do that. Write “help” to see what you can do."],
});
