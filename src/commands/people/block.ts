import { blockedWords } from "../../core/people/contact-acts.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { contactNamed } from "../contact-named.ts";

function blocking(blocked: boolean, verb: string) {
  return async (request: CommandRequest, context: CommandContext): Promise<readonly string[]> => {
    const about = await contactNamed(request, verb, context);
    if (typeof about === "string") return [about];
    const { network, login, chat, target } = about;
    const { portal, ghost } = chat;
    const client = context.connections.client(login.id);
    if (!client?.setBlocked)
      return [`${network.name} is not connected. Write “status” to see why, and try again.`];
    await context.contactActs.setBlocked({ network, portal }, blocked);
    return [blockedWords(blocked, { name: ghost.name, network, target })];
  };
}

export const block: Command = {
  name: "block",
  usage: "<network> <whom>",
  summary: "Blocks a contact, on the network too.",
  group: "contacts",
  topic: "block",
  run: blocking(true, "block"),
};

export const unblock: Command = {
  name: "unblock",
  usage: "<network> <whom>",
  summary: "Lifts a block.",
  group: "contacts",
  partOf: "block",
  topic: "block",
  run: blocking(false, "unblock"),
};
