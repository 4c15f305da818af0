/** What the bot says of itself and of rooms, in its own name. */

export const WELCOME =
  "Hello! Through me you can write with people on WhatsApp and Messenger who turned on third-party chats. " +
  "Nothing about you is sent anywhere until you turn a network on. Write “help” to see what I can do, " +
  "or “networks” to see what there is.";

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

/** `what` is a few plain words for something a person sent. */
export const notRead = (what: string): string =>
  `I read plain messages only, and cannot do anything with ${what}. Write “help” to see what I can do.`;
