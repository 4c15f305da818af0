import type { UserId } from "../../core/model/ids.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { forAdministrators } from "./for-administrators.ts";

async function run({ words }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const { store, logins, networks } = context;
  const [whose] = words;
  if (whose === undefined)
    return ["Whom? Write “remove” with the whole Matrix id, as in “remove @ana:example.org”."];
  for (const answer of (await context.dialogues.cancel(whose as UserId)) ?? [])
    await context.tell(whose as UserId, answer);
  const theirs = (await store.logins.all()).filter((login) => login.user === whose);
  if (theirs.length === 0) return [`${whose} has no network on.`];
  const answers: string[] = [];
  for (const login of theirs) {
    const network = networks.get(login.network);
    if (!network) {
      answers.push(
        `${login.network} is not set up any more, so the registration there cannot be taken back.`,
      );
      continue;
    }
    const why = `An administrator turned ${network.name} off, so this chat is closed. Its history stays here.`;
    const done = await logins.disable(login, network, why);
    answers.push(
      done === "done"
        ? `${network.name} is off for ${whose}: the bridge's registration there and its keys are deleted.`
        : `${network.name} is off for ${whose} here. It did not confirm that it deleted the registration; I keep asking until it does.`,
    );
  }
  return answers;
}

export const remove: Command = forAdministrators({
  name: "remove",
  usage: "<Matrix id>",
  example: "@ana:example.org",
  summary: "Turns all networks off for somebody, as when their account was closed.",
  topic: "login",
  run,
});
