/** The page's words for the encryption of chats. */
export const encryptionEn = {
  title: "Encryption",
  gives:
    "What is written in an encrypted chat is not readable in your homeserver's database, its backups and its logs. This bridge still reads everything, as it must. Names, pictures, reactions, and who writes when stay readable to the homeserver.",
  key: "The bot's key",
  keyHint: "Compare it with what your client shows of {bot}, then you can verify the bot there.",
  chats: { one: "{n} of {all} chats is encrypted", other: "{n} of {all} chats are encrypted" },
  withBot: "Your chat with the bot",
  isOn: "encrypted",
  notYours: "The group's admins may encrypt it.",
  encrypt: "Encrypt…",
  encryptTitle: "Encrypt {name}",
  encryptSays:
    "This cannot be undone: the chat stays encrypted for good. Clients that cannot read encrypted chats show nothing of it, and the search of your homeserver finds nothing in it.",
  encryptYes: "Encrypt for good",
  done: "Encrypted from now on: {name}.",
} as const;
