import type { Answer } from "../../core/management/answers.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { LoginFlow } from "../../core/ports/login-flow.ts";
import type { Command, Request, Scene } from "../command.ts";

async function run(request: Request, scene: Scene): Promise<readonly Answer[]> {
  const { user, words } = request;
  const { dialogues, processes } = scene;
  const asked = await processes.asked(user);
  if (!asked) return nothingAsked(user, scene);
  const { network, version } = asked;
  const process = version === network.noticeVersion ? await dialogues.noticed(user, asked) : undefined;
  const notice = process?.state;
  if (!process || notice?.kind !== "notice" || notice.version !== version) {
    await dialogues.cancel(user);
    await processes.forgetAsked(user);
    return [`The notice changed since you read it. Write “enable ${network.id}” to read it again.`];
  }
  return dialogues.agree(process, notice, words.length > 0 ? words.join(" ") : undefined);
}

/** A yes that was carried out and not answered, because the bridge ended in between, comes a second time. */
async function nothingAsked(user: UserId, scene: Scene): Promise<readonly Answer[]> {
  const networks = [...scene.networks.values()];
  const logins = (await Promise.all(networks.map(({ id }) => scene.logins.of(user, id)))).flat();
  const [last] = logins
    .filter(({ state }) => state === "active")
    .sort((one, other) => other.consentAt - one.consentAt);
  const network = last && scene.networks.get(last.network);
  if (network) return [await scene.dialogues.isOn(last, network)];
  const enabling = networks.map(({ id }) => `“enable ${id}”`).join(" or ");
  return [
    enabling === ""
      ? "There is nothing to say yes to. No network is set up on this bridge. Ask its administrator."
      : `There is nothing to say yes to. Write ${enabling} first.`,
  ];
}

/** What may stand behind it is each flow's own. */
export function yesTo(flows: readonly LoginFlow[]): Command {
  const beside = new Set(flows.flatMap((flow) => flow.beside ?? []));
  const usage = Array.from(beside, (one) => `[${one}]`).join(" ");
  return { name: "yes", usage, summary: "Agrees to the notice you were shown last.", topic: "login", run };
}
