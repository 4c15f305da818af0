import { commandTarget } from "../../core/chats/command-target.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { BridgeError } from "../../core/model/errors.ts";
import type { NetworkId } from "../../core/model/ids.ts";
import { cleanName } from "../../core/model/names.ts";
import { reachabilityWords } from "../../core/model/reachability-text.ts";
import { connectedSoon } from "../../core/people/connected-soon.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { loginsNamed } from "../logins-named.ts";

/** The most contacts that are listed for one account. */
const MOST = 20;

interface Searched {
  readonly network: Network;
  readonly login: Login;
  readonly handle: string;
}

/** The logins to search, and the words to search for: a first word that is a network's is none of them. */
async function searched(request: CommandRequest, context: CommandContext) {
  const [first = "", ...others] = request.words;
  const isNetwork = context.networks.has(first.split("/")[0]?.toLowerCase() as NetworkId);
  const typed = (isNetwork ? others : request.words).join(" ");
  const named = isNetwork ? [first] : [...context.networks.keys()];
  const logins: Searched[] = [];
  for (const word of named) {
    const of = await loginsNamed({ user: request.user, words: [word] }, context);
    if (typeof of === "string") return of;
    for (const login of of.logins.filter(({ state }) => state === "active"))
      logins.push({ network: of.network, login, handle: of.handle(login) });
  }
  return { typed, logins };
}

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const asked = await searched(request, context);
  if (typeof asked === "string") return [asked];
  const { typed, logins } = asked;
  if (typed === "")
    return ["For whom? Write “search …” with a part of a name, or with what a network finds people by."];
  if (logins.length === 0) return ["You have turned no network on. Write “networks” to see what there is."];
  const lines: string[] = [];
  for (const one of logins) lines.push(...(await linesOf(one, typed, context)));
  if (lines.length === 0) return [`I found nobody by “${shortened(typed, 60)}”.`];
  return [[`Found by “${shortened(typed, 60)}”:`, ...lines].join("\n")];
}

async function linesOf(
  { network, login, handle }: Searched,
  typed: string,
  context: CommandContext,
): Promise<readonly string[]> {
  if (context.connections.state(login.id).kind === "connecting") await connectedSoon(login.id, context);
  try {
    const { contacts, found, foundChat } = await context.search.search(login, typed);
    const chats = foundChat ? [...contacts, foundChat] : contacts;
    const lines: string[] = [];
    for (const { portal, ghost } of chats.slice(0, MOST))
      lines.push(
        `• ${ghost.name}, with whom you have a chat: “start-chat ${await commandTarget(context.store, portal)}”`,
      );
    if (chats.length > MOST) lines.push(`• and ${chats.length - MOST} more; write more of the name.`);
    if (found && !foundChat) {
      const name = cleanName(found.name, "Somebody");
      lines.push(
        found.reachability === "reachable"
          ? `• ${name} on ${network.name}: “start-chat ${handle} ${shortened(typed, 60)}” opens a chat.`
          : `• ${reachabilityWords(found.reachability, name, network)}`,
      );
    }
    if (context.connections.state(login.id).kind !== "connected")
      lines.push(`• ${network.name} is not connected now, so I looked among your contacts only.`);
    return lines;
  } catch (error) {
    const { words, reason } = BridgeError.from(error);
    if (reason === "stopping") throw error;
    return [`• ${network.name} could not be searched: ${words}`];
  }
}

export const search: Command = {
  name: "search",
  usage: "[network] <words>",
  summary: "Searches your contacts by name, and each network for who is found by exactly that.",
  group: "chats",
  run,
};
