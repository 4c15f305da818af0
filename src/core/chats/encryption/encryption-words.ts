/** What the bot says of encryption. */

/** The most chats that are named at once. */
export const MOST_CHATS = 10;

/** The reason with which the bot leaves a room. */
export const NOT_HERE =
  "This room is encrypted, and the administrator of this bridge has switched encryption off. I go on in another room.";

/** What encryption of a room gives, and what it does not. */
export const WHAT_IT_GIVES =
  "What is written in an encrypted room is not readable in your homeserver's database, its backups and its logs. " +
  "This bridge still reads everything, as it must. Names, pictures, topics, reactions, and who writes when stay readable to the homeserver.";

export const CANNOT_BE_UNDONE = "It cannot be undone.";

export const ENCRYPTED_NOW = `This room is encrypted from now on, for good. ${WHAT_IT_GIVES}`;

export const OFF =
  "This bridge has encryption switched off. Your administrator can switch it on: encryption.mode in its configuration.";

export const NO_ROOM = "This chat has no open room at the moment.";

export const ALREADY = "This room is encrypted already.";

export const NOT_IN_GROUP =
  "Only those who may change the group's name may encrypt its room. Ask one of its admins.";

export const notMine = (bot: string): string =>
  `I may not encrypt this room. Switch it on in the room's settings in your client, or give me, ${bot}, the power to.`;

interface NamedChat {
  readonly name: string;
  /** Stands for the chat in a command. */
  readonly target: string;
}

/** Said to whoever has encrypted rooms while the bridge has encryption off; `more`: how many chats are not named. */
export function switchedOff(chats: readonly NamedChat[], more: number): string {
  const off = "The administrator of this bridge has switched encryption off.";
  if (chats.length === 0)
    return `${off} Our room until now was encrypted, so I can neither read nor write there. Please write to me here.`;
  return [
    `${off} These chats of yours are in encrypted rooms, so I send nothing there, and cannot read what you write in them:`,
    ...chats.map(
      ({ name, target }) => `• ${name}: “new-room ${target}” goes on in a new room without encryption`,
    ),
    ...(more > 0 ? [`• and ${more} more`] : []),
    "What comes for them meanwhile waits. If you would rather have it encrypted, ask your administrator to switch it on again; it then goes on by itself.",
  ].join("\n");
}
