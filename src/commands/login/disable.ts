import type { Answer } from "../../core/management/answers.ts";
import type { Command, Request, Scene } from "../command.ts";
import { loginsNamed, whichLogin } from "../logins-named.ts";

async function run(request: Request, scene: Scene): Promise<readonly Answer[]> {
  const before = await loginsNamed(request, scene);
  if (typeof before === "string") return [before];
  const { network } = before;
  const { processes, dialogues } = scene;
  const isUnderWay = processes.of(request.user)?.of.network.id === network.id;
  const ended = isUnderWay ? await dialogues.cancel(request.user) : undefined;
  // It may have come to a login before it was ended.
  const named = ended ? await loginsNamed(request, scene) : before;
  if (typeof named === "string") return [named];
  const [login, ...others] = named.logins;
  if (!login && ended) return ended;
  if (!login) return [`${network.name} is off. Write “enable ${network.id}” to turn it on.`];
  if (others.length > 0) return [whichLogin(named, "disable", "")];
  const what = named.handle(login) === network.id ? network.name : `${network.name} for ${login.visibleId}`;
  const done = await scene.logins.disable(login, network);
  return done === "done"
    ? [
        `${what} is off: your registration there, its keys and its waiting messages are deleted. ` +
          `Write “enable ${network.id}” to turn it on again.`,
      ]
    : [
        `${what} is off here: nothing is sent or received any more. ` +
          `${network.name} did not confirm that it deleted your registration; I keep asking until it does.`,
      ];
}

export const disable: Command = {
  name: "disable",
  usage: "<network>",
  summary: "Turns a network off for you and deletes your registration there.",
  topic: "login",
  run,
};
