import type { Command, Request, Scene } from "../command.ts";
import { elsewhereWords, notACountry, reside, residence } from "./residence.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const { store, clock } = scene;
  if (words.length === 0) {
    const where = await residence(store, user);
    const known = { eea: "in the EEA", elsewhere: "outside the EEA", unknown: "not asked yet" }[where];
    return [
      `Where you live: ${known}. Write “country” and its name or two-letter code to change that, such as “country NL”.`,
    ];
  }
  const typed = words.join(" ");
  const where = await reside(store, clock, user, typed);
  if (where === "unknown") return [notACountry(typed, "country")];
  return where === "eea"
    ? ["Noted: in the EEA. The country itself is not kept."]
    : [await elsewhereWords(user, scene)];
}

export const country: Command = {
  name: "country",
  usage: "<country>",
  summary: "Says where you live; only whether it is in the EEA is kept.",
  topic: "consent",
  run,
};
