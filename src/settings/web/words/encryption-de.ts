/** The page's words for the encryption of chats, in German. */
export const encryptionDe = {
  title: "Verschlüsselung",
  gives:
    "Was in einem verschlüsselten Chat geschrieben wird, ist in der Datenbank, den Sicherungen und den Protokollen deines Homeservers nicht lesbar. Diese Brücke liest weiterhin alles, das muss sie. Namen, Bilder, Reaktionen und wer wann schreibt bleiben für den Homeserver lesbar.",
  key: "Der Schlüssel des Bots",
  keyHint:
    "Vergleiche ihn mit dem, den dein Client bei {bot} zeigt; dann kannst du den Bot dort verifizieren.",
  chats: { one: "{n} von {all} Chats ist verschlüsselt", other: "{n} von {all} Chats sind verschlüsselt" },
  withBot: "Dein Chat mit dem Bot",
  isOn: "verschlüsselt",
  notYours: "Die Admins der Gruppe können sie verschlüsseln.",
  encrypt: "Verschlüsseln …",
  encryptTitle: "{name} verschlüsseln",
  encryptSays:
    "Das lässt sich nicht rückgängig machen: Der Chat bleibt für immer verschlüsselt. Clients, die verschlüsselte Chats nicht lesen können, zeigen nichts davon, und die Suche deines Homeservers findet darin nichts.",
  encryptYes: "Für immer verschlüsseln",
  done: "Ab jetzt verschlüsselt: {name}.",
} as const;
