import type { ContactChat } from "../core/chats/contacts.ts";
import type { OpenPortal } from "../core/chats/portals.ts";
import { cleanName } from "../core/model/names.ts";
import { reachabilityWords } from "../core/model/reachability-text.ts";
import { connectedSoon } from "../core/people/connected-soon.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { severalWords } from "./contact-named.ts";
import { loginsNamed, whichLogin } from "./logins-named.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return [named];
  const { network } = named;
  const query = request.words.slice(1).join(" ");
  if (query === "") return [`Whom? Write “start-chat ${network.id} …” with ${network.addressing}.`];
  const logins = named.logins.filter(({ state }) => state === "active");
  const found: { readonly login: Login; readonly chat: ContactChat }[] = [];
  for (const login of logins)
    for (const chat of await context.contacts.called(login, network, query)) found.push({ login, chat });
  if (found.length > 1) {
    const all = found.map(({ chat }) => chat);
    return [await severalWords(all, "start-chat", context)];
  }
  const [one] = found;
  if (one) {
    const { login, chat } = one;
    const open = await openWords(await context.chatStarter.openAgain(login, network, chat.portal), context);
    const state = chat.contact?.reachability ?? "reachable";
    return [state === "reachable" ? open : `${open} ${reachabilityWords(state, chat.ghost.name, network)}`];
  }
  const [login, ...others] = logins;
  if (!login) return [`${network.name} is off for you. Write “enable ${network.id}” first.`];
  if (others.length > 0) return [whichLogin({ ...named, logins }, "start-chat", query)];
  if (context.connections.state(login.id).kind === "connecting") await connectedSoon(login.id, context);
  const started = await context.chatStarter.start(login, network, query);
  switch (started.kind) {
    case "not-found":
      return [started.words];
    case "not-reachable": {
      const { reachability, name } = started.contact;
      return [reachabilityWords(reachability, cleanName(name, "This contact"), network)];
    }
    case "started":
      return [await openWords(started.open, context)];
  }
}

async function openWords({ profile, portal }: OpenPortal, { spaces }: CommandContext): Promise<string> {
  if (portal.member === "joined") return `The chat with ${profile.name} is open already: write there.`;
  return (await spaces.puppets())
    ? `The chat with ${profile.name} is open: write there.`
    : `The chat with ${profile.name} is open: accept the invitation and write there.`;
}

/** The command; its help says how people are found on each network. */
export function startChatOn(networks: readonly Pick<Network, "name" | "addressing">[]): Command {
  const whom = networks.map(({ name, addressing }) => `on ${name} ${addressing}`).join("; ");
  return {
    name: "start-chat",
    usage: "<network> <whom>",
    summary: `Opens a chat with somebody${whom === "" ? "" : `. Whom: ${whom}`}.`,
    group: "chats",
    run,
  };
}
