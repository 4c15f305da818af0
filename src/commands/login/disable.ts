import type { Answer } from "../../core/management/answers.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed, whichLogin } from "../logins-named.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const before = await loginsNamed(request, context);
  if (typeof before === "string") return [before];
  const { network } = before;
  const { processes, dialogues } = context;
  const isUnderWay = processes.of(request.user)?.of.network.id === network.id;
  const ended = isUnderWay ? await dialogues.cancel(request.user) : undefined;
  // The login process may have made a login before it was ended.
  const named = ended ? await loginsNamed(request, context) : before;
  if (typeof named === "string") return [named];
  const [login, ...others] = named.logins;
  if (!login && ended) return ended;
  if (!login) return [`${network.name} is off. Write “enable ${network.id}” to turn it on.`];
  if (others.length > 0) return [whichLogin(named, "disable", "")];
  const what = named.handle(login) === network.id ? network.name : `${network.name} for ${login.visibleId}`;
  const done = await context.logins.disable(login, network);
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
  group: "networks",
  topic: "login",
  run,
};
