import { setMuted } from "../core/chats/mutes.ts";
import { chatNamed } from "./chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";

function muting(muted: boolean, verb: string) {
  return async (request: CommandRequest, context: CommandContext): Promise<readonly string[]> => {
    const about = await chatNamed(request, verb, context);
    if (typeof about === "string") return [about];
    const { portal, name } = about;
    await setMuted(context.store, portal, muted);
    return muted
      ? [
          `If you leave the chat with ${name}, you are not invited to it again. Write “unmute ${about.target}” to undo that.`,
        ]
      : [
          `If you left the chat with ${name}, you are invited again at ${portal.kind === "group" ? "its" : "their"} next message.`,
        ];
  };
}

export const mute: Command = {
  name: "mute",
  usage: "<network> <whom>",
  summary: "Does not invite you again to a chat you left.",
  group: "chats",
  run: muting(true, "mute"),
};

export const unmute: Command = {
  name: "unmute",
  usage: "<network> <whom>",
  summary: "Invites you again at the contact's next message.",
  group: "chats",
  partOf: "mute",
  run: muting(false, "unmute"),
};
