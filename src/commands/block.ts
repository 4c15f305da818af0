import type { Command, Request, Scene } from "./command.ts";
import { whom } from "./contact-named.ts";

function blocking(blocked: boolean, verb: string) {
  return async (request: Request, scene: Scene): Promise<readonly string[]> => {
    const about = await whom(request, verb, scene);
    if (typeof about === "string") return [about];
    const { network, login, known, exactly } = about;
    const { portal, ghost } = known;
    const client = scene.connections.client(login.id);
    if (!client?.setBlocked)
      return [`${network.name} is not connected. Write “status” to see why, and try again.`];
    await client.setBlocked(portal.person, blocked);
    await scene.store.write((tx) => tx.contacts.setBlocked(login.id, portal.person, portal.chat, blocked));
    return blocked
      ? [
          `${ghost.name} is blocked: ${network.name} keeps their messages from you, and nothing is sent to them. Write “unblock ${exactly}” to lift it.`,
        ]
      : [`${ghost.name} is not blocked any more.`];
  };
}

export const block: Command = {
  name: "block",
  usage: "<network> <whom>",
  summary: "Blocks a contact, on the network too.",
  topic: "block",
  run: blocking(true, "block"),
};

export const unblock: Command = {
  name: "unblock",
  usage: "<network> <whom>",
  summary: "Lifts a block.",
  topic: "block",
  run: blocking(false, "unblock"),
};
