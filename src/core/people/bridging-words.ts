import type { Homeserver, RoomUse } from "../ports/homeserver.ts";
import type { Portal } from "../ports/rows.ts";

/** Why a room cannot be bridged to a chat, a sentence with what to do; undefined where it can. */
export function refusalWords(
  use: RoomUse | undefined,
  { kind }: Pick<Portal, "kind">,
  { bot, serverName }: Pick<Homeserver, "bot" | "serverName">,
): string | undefined {
  if (use === undefined) return `I am not in this room. Invite me, ${bot}, and write it again.`;
  if (use.unusable)
    return "This is a Space, or a room that another took the place of. Write it in a room for messages that is in use.";
  if (use.unreadable)
    return "This room is encrypted, and I cannot read encrypted messages. Encryption cannot be turned off again: make a room without it, and write it there.";
  if (!use.madeBy.endsWith(`:${serverName}`))
    return `This room was made on another server, which decides over it. Make a room on ${serverName}, and write it there.`;
  if (use.open)
    return "Anybody can come into this room, or read it from outside, and so could read what your contacts write. Make it a room for those who are invited, with a history for its members only, and write it again.";
  if (use.bridgedElsewhere)
    return "Another bridge says that this room is one of its chats. Take that bridge out of it first.";
  if (!use.administered)
    return "You may not change who is in this room and what it is. Ask whoever administers it to write it, or to make you an administrator.";
  if (use.missing !== undefined)
    return `I may not invite your contacts here, nor name the room. Give me, ${bot}, power level ${use.missing}, and write it again.`;
  if (kind === "direct" && !use.writable)
    return "Not everybody may write in this room, and your contact would have no power in it. Let everybody write, and write it again.";
  return undefined;
}
