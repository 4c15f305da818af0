import type { Words } from "./words.ts";

/** {@link deviceEn} in German. */
export const deviceDe: Words["device"] = {
  on: "Eingeschaltet seit {date}, als Gerät von {id}.",
  connecting: "Verbindet sich, als Gerät von {id}.",
  done: "Diese Bridge ist jetzt ein Gerät deines Kontos {id}.",
  refused: "Nicht verbunden seit {date}.",
  removed:
    "Diese Bridge wird aus den gekoppelten Geräten von {id} entfernt, und ihre Schlüssel hier werden gelöscht. Dein Konto bei {network} bleibt, wie es ist.",
  queued:
    "Nachrichten, die noch warten, werden nicht gesendet. Was Kontakte dir schreiben, steht wie bisher in {network} auf deinem Telefon.",
  again: "Du kannst {network} jederzeit wieder einschalten; die Chats kommen dann in neue Räume.",
};
