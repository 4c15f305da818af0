import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { stateWords } from "./status.ts";

async function run({ user }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  if (context.networks.size === 0) return ["No network is set up on this bridge. Ask its administrator."];
  const lines: string[] = [];
  for (const network of context.networks.values()) {
    const [login, ...others] = await context.logins.of(user, network.id);
    const is = !login
      ? `off. Write “enable ${network.id}” to turn it on`
      : others.length === 0
        ? stateWords(login, login.network, context)
        : `on for ${others.length + 1} accounts of yours. Write “status” to see each`;
    lines.push(`• ${network.name} (${network.id}): ${is}.`);
  }
  return [lines.join("\n")];
}

export const networks: Command = {
  name: "networks",
  usage: "",
  summary: "Lists the networks there are, and which are on for you.",
  group: "networks",
  run,
};
