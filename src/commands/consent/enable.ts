import type { Command, Request, Scene } from "../command.ts";
import { networkNamed } from "../command.ts";
import { ask } from "./consent.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const network = networkNamed(words[0], scene);
  if (typeof network === "string") return [network];
  const login = await scene.logins.of(user, network.id);
  if (login?.state === "active" && login.consentVersion === network.notice.version) {
    return [`${network.name} is on already. Write “start-chat ${network.id} …” with ${network.addressing}.`];
  }
  await ask(scene.store, user, network);
  return [
    [
      `Before ${network.name} is turned on for you, please read this:`,
      ...network.notice.paragraphs.map((paragraph) => `• ${paragraph}`),
      `• ${network.name} offers this to people in the European Economic Area only. Of where you live, only the answer and its date are kept.`,
      `Write “yes” if you live there and agree, or “yes” and your country, such as “yes NL”. Write “no” to leave ${network.name} off. Until you do, nothing is sent.`,
    ].join("\n"),
  ];
}

export const enable: Command = {
  name: "enable",
  usage: "<network>",
  summary: "Turns a network on for you, after you read what that means.",
  topic: "consent",
  run,
};
