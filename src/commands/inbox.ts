import type { InboxMode } from "../core/chats/spaces.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";

async function run({ user, words }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const chosen = words[0]?.toLowerCase();
  if (chosen !== "separate" && chosen !== "combined") {
    const mode = await context.settings.inbox(user);
    return [
      `Your inbox is ${mode}. “inbox separate” keeps these chats in a Space of their own, with one part a network; ` +
        `“inbox combined” keeps them among your direct chats.`,
    ];
  }
  const moved = await context.settings.chooseInbox(user, chosen);
  return [await outcome(chosen, moved, context)];
}

async function outcome(mode: InboxMode, moved: number, { spaces }: CommandContext): Promise<string> {
  const counted = moved === 1 ? "chat is" : `${moved} chats are`;
  const puppets = await spaces.puppets();
  if (mode === "separate") {
    const list = puppets
      ? "They are no longer listed among your direct chats."
      : "Your client may go on listing them among your direct chats too: only you can change that list.";
    const chats = moved === 0 ? "New chats come into" : `Your ${counted} now in`;
    const accept = puppets ? "" : "; accept the invitation to it if you have not";
    return `${chats} the Space “Third-party chats”${accept}. ${list}`;
  }
  const list = puppets
    ? "They are listed among your direct chats."
    : "Chats you joined before may not be listed among your direct chats: only you can change that list. New ones will be.";
  const chats = moved === 0 ? "New chats come among your direct chats" : `Your ${counted} out of the Space`;
  return `${chats}. ${list}`;
}

export const inbox: Command = {
  name: "inbox",
  usage: "separate|combined",
  summary: "Keeps these chats in a Space of their own, or among your direct chats.",
  group: "settings",
  topic: "inbox",
  run,
};
