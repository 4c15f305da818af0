/** The page's words for groups, in German. */
export const groupsDe = {
  title: "Gruppen",
  none: "Du bist noch in keiner Gruppe. Nimm „Neue Gruppe“, oder lass dich im Netzwerk hinzufügen.",
  members: { one: "{n} Mitglied", other: "{n} Mitglieder" },
  open: "Öffnen",
  leave: "Verlassen …",
  leaveTitle: "{name} verlassen",
  leaveSays:
    "Die Mitglieder sehen, dass du gegangen bist, und du kommst nur wieder hinein, wenn dich jemand von ihnen hinzufügt. Der Raum bleibt hier zum Lesen; schreiben kann darin niemand mehr.",
  leaveYes: "Gruppe verlassen",
  left: "Du verlässt {name}, sobald das Netzwerk davon weiß.",
  newGroup: "Neue Gruppe",
  name: "Wie heißt sie?",
  whom: "Wer soll hinein?",
  others: "Weitere, mit Kommas dazwischen",
  othersHint: "Einzutippen ist: {addressing}.",
  make: "Gruppe anlegen",
  made: "{name} ist da.",
  invitations: "Einladungen in Gruppen",
  invitationsHint:
    "Du bist in einer Gruppe, sobald du annimmst. Vorher sieht dort niemand, was du liest oder schreibst.",
  accepted: "Angenommen: Du bist in {name}, sobald das Netzwerk davon weiß.",
  declined: "Abgelehnt: {name}. Wirst du wieder eingeladen, wirst du wieder gefragt.",
} as const;
