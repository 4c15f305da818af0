import { goesWords, goneWords, unconfirmedWords } from "../../core/logins/account-words.ts";
import type { Answer } from "../../core/management/answers.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { loginsNamed, whichLogin } from "../logins-named.ts";
import { yesOrNo } from "../yes-or-no.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const before = await loginsNamed(request, context);
  if (typeof before === "string") return [before];
  const { network } = before;
  const decision = request.words[1]?.toLowerCase();
  const [only, ...more] = before.logins;
  if (decision === "no") return [`Nothing was turned off. Write “status” to see how ${network.name} does.`];
  if (decision !== "yes" && only?.state === "active" && more.length === 0)
    return [await question(only, network, before.handle(only), context)];
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
  const what = whatWords(login, network, named.handle(login));
  const done = await context.logins.disable(login, network);
  return done === "done"
    ? [`${what} is off: ${goneWords(network)} Write “enable ${network.id}” to turn it on again.`]
    : [
        `${what} is off here: nothing is sent or received any more. ` +
          `${network.name} ${unconfirmedWords(network)}; I keep asking until it does.`,
      ];
}

const whatWords = ({ visibleId }: Login, { id, name }: Network, handle: string): string =>
  handle === id ? name : `${name} for ${visibleId}`;

/** Asks, with what goes. */
async function question(login: Login, network: Network, handle: string, { store }: CommandContext) {
  const portals = await store.portals.ofLogin(login.id);
  const open = portals.filter(({ state }) => state === "open").length;
  const chats =
    open === 0
      ? ""
      : ` ${counted(open, "chat")} here ${open === 1 ? "becomes" : "become"} read-only; what is in ${open === 1 ? "it" : "them"} stays.`;
  const command = `disable ${handle}`;
  return yesOrNo(
    `Turn ${whatWords(login, network, handle)} off? ${goesWords(network)}${chats} ` +
      `If you turn it on again later, you get new rooms. Write “${command} yes” to turn it off, or “no” to leave it on.`,
    command,
  );
}

export const disable: Command = {
  name: "disable",
  usage: "<network> [yes|no]",
  summary: "Turns a network off for you; what that deletes, there and here, is said first.",
  group: "networks",
  topic: "login",
  run,
};
