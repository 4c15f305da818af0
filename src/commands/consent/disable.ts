import type { Command, Request, Scene } from "../command.ts";
import { networkNamed } from "../command.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const network = networkNamed(words[0], scene);
  if (typeof network === "string") return [network];
  const login = await scene.logins.of(user, network.id);
  const again = `Write “enable ${network.id}” to turn it on again.`;
  if (!login) return [`${network.name} is off. Write “enable ${network.id}” to turn it on.`];
  const done = await scene.logins.disable(login, network);
  return done === "done"
    ? [
        `${network.name} is off: your registration there, its keys and its waiting messages are deleted. ${again}`,
      ]
    : [
        `${network.name} is off here: nothing is sent or received any more. ` +
          `${network.name} did not confirm that it deleted your registration; I keep asking until it does.`,
      ];
}

export const disable: Command = {
  name: "disable",
  usage: "<network>",
  summary: "Turns a network off for you and deletes your registration there.",
  topic: "consent",
  run,
};
