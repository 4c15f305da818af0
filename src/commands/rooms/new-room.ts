import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const about = await chatNamed(request, "new-room", context);
  if (typeof about === "string") return [about];
  const { login, network, portal, name } = about;
  await context.changes.renew(portal, login, network);
  return [
    `There is a new room for your chat with ${name}, in your list of rooms or among your invitations. What waited is there.`,
  ];
}

export const newRoom: Command = {
  name: "new-room",
  usage: "<network> <whom>",
  summary: "Makes a new room for a chat whose room cannot be used.",
  group: "rooms",
  run,
};
