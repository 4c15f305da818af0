import type { InboxMode } from "../core/chats/spaces.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";

async function run({ user, words }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const chosen = words[0]?.toLowerCase();
  if (chosen !== "separate" && chosen !== "combined") {
    const mode = await context.spaces.mode(user);
    return [
      `Your inbox is ${mode}. “inbox separate” keeps these chats in a Space of their own, with one part a network; ` +
        `“inbox combined” keeps them among your direct chats.`,
    ];
  }
  await context.spaces.choose(user, chosen);
  const moved = await move(user, context);
  return [await outcome(chosen, moved, context)];
}

async function move(user: CommandRequest["user"], context: CommandContext): Promise<number> {
  let moved = 0;
  for (const network of context.networks.values()) {
    const logins = await context.logins.of(user, network.id);
    if (logins.length > 0) await context.spaces.prepare(user, network);
    const known = await Promise.all(logins.map((login) => context.contacts.all(login)));
    const direct = known.flat().map(({ portal, ghost }) => ({ portal, ghost: ghost.user }));
    const all = await Promise.all(logins.map(({ id }) => context.store.portals.ofLogin(id)));
    const groups = all.flat().filter(({ kind, state }) => kind === "group" && state !== "archived");
    for (const { portal, ghost } of [...direct, ...groups.map((portal) => ({ portal, ghost: undefined }))]) {
      if (portal.room === undefined) continue;
      await context.spaces.place({ user, network, room: portal.room, ghost });
      moved += 1;
    }
  }
  return moved;
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
  topic: "inbox",
  run,
};
