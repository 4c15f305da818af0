import { whichChat } from "./chat-named.ts";
import type { Command, Request, Scene } from "./command.ts";

async function run(request: Request, scene: Scene): Promise<readonly string[]> {
  const about = await whichChat(request, "new-room", scene);
  if (typeof about === "string") return [about];
  const { login, network, portal, name } = about;
  await scene.changes.renew(portal, login, network);
  return [
    `There is a new room for your chat with ${name}, in your list of rooms or among your invitations. What waited is there.`,
  ];
}

export const newRoom: Command = {
  name: "new-room",
  usage: "<network> <whom>",
  summary: "Makes a new room for a chat whose room cannot be used.",
  run,
};
