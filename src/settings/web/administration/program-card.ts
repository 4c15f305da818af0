import { h, type View } from "../../../page/web/dom.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import type { Backup, Versions } from "./answers.ts";

/** What runs here, and a backup of it now. */
export function ProgramCard({
  person,
  versions,
}: {
  readonly person: Person;
  readonly versions: Versions;
}): View {
  const speech = useSpeech();
  const { program } = speech.words;
  const { bridge, homeserver, node, libsignal, sqlite } = versions;
  const parts = [
    [program.bridge, bridge],
    [program.homeserver, homeserver ?? program.unknown],
    ["Node", node],
    ["libsignal", libsignal],
    ["SQLite", sqlite],
  ] as const;
  const backUp = async (): Promise<void> => {
    let made: Backup["made"];
    const done = await person.does(async () => {
      ({ made } = await person.api.carriedOut<Backup>("/admin/v1/backups"));
    });
    if (!done || made === undefined) return;
    const { folder, files, missing } = made;
    const said = speech.count(program.backedUp, files, { folder });
    if (missing > 0) person.say("trouble", `${said} ${speech.count(program.missing, missing, {})}`);
    else person.say("done", said);
  };
  return h(
    Card,
    {
      title: program.title,
      beside: person.api.offers("POST /admin/v1/backups") && h(ActButton, { act: backUp }, program.backUp),
    },
    h(
      "dl",
      { class: "parts" },
      parts.map(([name, version]) => [
        h("dt", { key: name, class: "muted" }, name),
        h("dd", { key: `${name} is`, class: "wraps" }, version),
      ]),
    ),
  );
}
