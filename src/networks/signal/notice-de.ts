import type { NoticeWords } from "../../core/ports/login-flow.ts";

/** The notice in German. */
export const noticeDe: NoticeWords = {
  summary: [
    "Das verbindet die Bridge mit deinem Signal-Konto, wie Signal auf einem Computer. Auf dieser Bridge, und auf deinem Homeserver, wenn du den Chat nicht verschlüsselst, liegen deine Signal-Nachrichten im Klartext, und wer sie betreibt, könnte sie lesen.",
    "Signal erfährt, dass du ein Gerät mehr hast und wann es verbunden ist; lesen kann es deine Nachrichten weiterhin nicht. Auch die Namen und Bilder deiner Kontakte kommen hierher.",
    "Du kannst das jederzeit zurücknehmen: Schreibe „disable signal“, oder entferne das Gerät auf deinem Telefon unter Einstellungen > Gekoppelte Geräte.",
  ],
  paragraphs: [
    "Das verbindet die Bridge als weiteres Gerät mit deinem Signal-Konto, wie Signal auf einem Computer. Dein Telefon bleibt das Hauptgerät und muss etwa alle 30 Tage benutzt werden; sonst trennt Signal die anderen.",
    "Signals Versprechen der Ende-zu-Ende-Verschlüsselung endet an dieser Bridge. Zwischen ihr und Signal sind Nachrichten so verschlüsselt wie auf deinem Telefon. Auf dieser Bridge liegen sie im Klartext, mit den Namen, Bildern und Nummern deiner Kontakte, und auf deinem Homeserver auch, wenn du den Chat nicht verschlüsselst, wo diese Bridge das zulässt; wer sie betreibt, könnte sie lesen. Namen, Bilder und Reaktionen liegen dort in jedem Fall im Klartext. Deine Kontakte erfahren davon nichts.",
    "Signals Server erfahren, dass dein Konto ein Gerät mehr hat, welche Adresse diese Bridge im Internet hat und wann sie verbunden ist. Sie können deine Nachrichten nicht lesen und erfahren durch diese Bridge nicht, wer dir schreibt.",
    "Mit der Kopplung bekommt die Bridge die Schlüssel, die deine anderen Geräte haben: Sie kann als du lesen und schreiben, und sie kann die Kontakte, Einstellungen und Gruppen lesen, die Signal verschlüsselt für dich aufbewahrt. Die Schlüssel liegen auf dieser Bridge und werden gelöscht, wenn du sie entkoppelst.",
    "Signal bietet das für Bridges nicht an und verbietet es nicht ausdrücklich; es könnte solche Geräte entkoppeln oder nicht mehr bedienen. Diese Bridge ist nicht von Signal und wird von Signal nicht unterstützt.",
    "Du kannst das jederzeit zurücknehmen. Schreibe hier „disable signal“, oder entferne das Gerät auf deinem Telefon unter Einstellungen > Gekoppelte Geräte: Deine Schlüssel und wartenden Nachrichten werden hier dann gelöscht. Was schon übertragen wurde, bleibt in deinen Matrix-Räumen.",
  ],
  agreement: "du hast dies gelesen und möchtest diese Bridge mit deinem Signal-Konto verbinden",
};
