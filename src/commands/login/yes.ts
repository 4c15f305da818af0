import type { Answer } from "../../core/management/answers.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { LoginFlow } from "../../core/ports/login-flow.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { user, words } = request;
  const { dialogues, processes } = context;
  const asked = await processes.asked(user);
  if (!asked) return nothingAsked(user, context);
  const { network, version } = asked;
  const process = version === network.noticeVersion ? await dialogues.processOf(user, asked) : undefined;
  const notice = process?.state;
  if (!process || notice?.kind !== "notice" || notice.version !== version) {
    await dialogues.cancel(user);
    await processes.forgetAsked(user);
    return [`The notice changed since you read it. Write “enable ${network.id}” to read it again.`];
  }
  return dialogues.agree(process, notice, words.length > 0 ? words.join(" ") : undefined);
}

/**
 * Answers a yes without an open notice. It may be a repeat: one that was carried out and not answered, because the
 * bridge ended in between.
 */
async function nothingAsked(user: UserId, context: CommandContext): Promise<readonly Answer[]> {
  const networks = [...context.networks.values()];
  const logins = (await Promise.all(networks.map(({ id }) => context.logins.of(user, id)))).flat();
  const [last] = logins
    .filter(({ state }) => state === "active")
    .sort((one, other) => other.consentAt - one.consentAt);
  const network = last && context.networks.get(last.network);
  if (network) return [await context.dialogues.onWords(last, network)];
  const enabling = networks.map(({ id }) => `“enable ${id}”`).join(" or ");
  return [
    enabling === ""
      ? "There is nothing to say yes to. No network is set up on this bridge. Ask its administrator."
      : `There is nothing to say yes to. Write ${enabling} first.`,
  ];
}

/** The command for yes; what may follow it depends on the flows. */
export function yesTo(flows: readonly LoginFlow[]): Command {
  const beside = new Set(flows.flatMap((flow) => flow.beside ?? []));
  const usage = Array.from(beside, (one) => `[${one}]`).join(" ");
  return {
    name: "yes",
    usage,
    summary: "Agrees to the notice you were shown last.",
    group: "answers",
    topic: "login",
    run,
  };
}
