import type { NoticeWords } from "../../../core/ports/login-flow.ts";

/** The notice in German, with what the consent flow adds to it. */
export const noticeDeFor = (network: string): NoticeWords => ({
  summary: [
    `Meta, das ${network} betreibt, erfährt, wer du dort bist, wem du wann schreibst und wer dir, aber nicht, was. Auf dieser Bridge, und auf deinem Homeserver, wenn du den Chat nicht verschlüsselst, liegen Nachrichten im Klartext, und wer sie betreibt, könnte sie lesen.`,
    `Statusmeldungen, Sticker, selbstlöschende Nachrichten und Anrufe gibt es hier nicht. Du kannst das jederzeit zurücknehmen: Schreibe „disable ${network.toLowerCase()}“.`,
    `Du erreichst Menschen, die „Drittanbieter-Chats“ eingeschaltet haben. ${network} bietet sie nur im Europäischen Wirtschaftsraum an.`,
  ],
  paragraphs: [
    `Das verbindet dich mit Menschen auf ${network}, die „Drittanbieter-Chats“ eingeschaltet haben. Es geht nur, und ist nur erlaubt, solange du im Europäischen Wirtschaftsraum bist.`,
    `${network} wird von Meta betrieben. Meta erfährt, unter welchem Namen man dich dort kennt, wann du verbunden bist, wem du schreibst und wer dir schreibt, und wann. Deine Nachrichten kann Meta nicht lesen.`,
    `Das Versprechen der Ende-zu-Ende-Verschlüsselung von ${network} endet an dieser Bridge. Zwischen der Bridge und ${network} sind Nachrichten mit dem Signal-Protokoll verschlüsselt; auf dieser Bridge liegen sie im Klartext, und auf deinem Homeserver auch, wenn du den Chat nicht verschlüsselst, wo diese Bridge das zulässt; wer sie betreibt, könnte sie lesen. Namen, Bilder und Reaktionen liegen dort in jedem Fall im Klartext.`,
    `Das gibt es hier nicht: Statusmeldungen von ${network}, Sticker, selbstlöschende und nur einmal sichtbare Nachrichten, und Anrufe.`,
    `Nichts über dich wird an ${network} gesendet, bevor du zustimmst. Du kannst das jederzeit zurücknehmen: Schreibe „disable ${network.toLowerCase()}“. Dann wird deine Registrierung dort zurückgezogen, und deine Schlüssel und wartenden Nachrichten werden hier gelöscht.`,
    `${network} bietet das nur Menschen im Europäischen Wirtschaftsraum an. Davon, wo du lebst, werden nur deine Antwort und ihr Datum aufbewahrt.`,
  ],
  agreement: "du lebst dort und stimmst zu",
});
