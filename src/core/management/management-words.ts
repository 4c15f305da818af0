import type { Network } from "../ports/network.ts";

/** What the bot says of itself and of rooms, in its own name. */

/**
 * Said to somebody new. Networks whose people are told apart by the same words are named together.
 *
 * @param hasPage whether the bot gives links to a settings page
 */
export function welcome(networks: readonly Pick<Network, "name" | "audience">[], hasPage: boolean): string {
  const audiences = new Map<string, string[]>();
  for (const { name, audience = "" } of networks)
    audiences.set(audience, [...(audiences.get(audience) ?? []), name]);
  const people = Array.from(audiences, ([audience, names]) => `${list(names)} ${audience}`.trim());
  const hello =
    people.length === 0
      ? "Hello!"
      : `Hello! Through me you can write with people on ${people.join(", and on ")}.`;
  return `${hello} Nothing about you is sent anywhere until you turn a network on. ${hasPage ? WITH_PAGE : WITHOUT_PAGE}`;
}

const WITH_PAGE =
  "Write “settings” for a page on which you can do that and more, “help” to see what I can do here, or “networks” to see what there is.";
const WITHOUT_PAGE = "Write “help” to see what I can do, or “networks” to see what there is.";

const list = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");

export const NOT_JOINED =
  "I could not join a room you invited me to, because the homeserver fails on it. Please write to me here.";

export const NOT_LET_IN =
  "I could not join a room you invited me to: it does not let me in, or the invitation was taken back. " +
  "Please write to me here.";

export const ENCRYPTED =
  "I cannot read encrypted messages, so I cannot work in this room, and I leave it. " +
  "I have invited you to an unencrypted one; please write to me there.";

export const DIRECT_ONLY =
  "I work in direct chats only, so I leave this room. Start a chat with me alone and write “help” there.";

export const NOT_TO_WRITE_IN =
  "This is a Space, or a room I may not write in, so I leave it. Start a chat with me alone and write “help” there.";

export const NOT_ALONE =
  "Somebody else is in this room now, and what I say is for one person alone, so I leave it. " +
  "Start a chat with me alone and write “help” there; nothing of yours is changed.";

export const MOVED = "You have a newer chat with me. I go on there, and leave this one.";

export const NOT_ALLOWED = "You are not allowed to use this bridge. Ask the administrator of your server.";

export const WRITTEN_BEFORE =
  "You wrote this before I was set up here, so I did nothing of it. Write “help” to see what I can do.";

export const UNCLEAR_REACTION = "I take 👍 and ✅ for yes, and 👎 and ❌ for no. Or write “yes” or “no”.";

/** Said to a reaction to a question that is not open; `command`: what was chosen. */
export function closedQuestion(command: string | undefined): string {
  const now = command?.includes(" ") ? ` Write “${command}” to do it now.` : "";
  return `That question was answered already, or I have asked you something else since, so I did nothing.${now}`;
}

/** Said to a plain yes or no that is not sure to be to the question; `command`: what it would have chosen. */
export const lateAnswer = (command: string): string =>
  `You have written something else since I asked you that, or it was long ago, so I did nothing. Write “${command}” if that is what you mean.`;

/** `what` is a few plain words for something a person sent. */
export const notRead = (what: string): string =>
  `I read plain messages only, and cannot do anything with ${what}. Write “help” to see what I can do.`;
