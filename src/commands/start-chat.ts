import type { Known } from "../core/chats/contacts.ts";
import type { OpenPortal } from "../core/chats/portals.ts";
import { cleanName } from "../core/model/names.ts";
import { reachabilityWords } from "../core/model/reachability-text.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import type { Command, Request, Scene } from "./command.ts";
import { connectedSoon } from "./connected-soon.ts";
import { severalWords } from "./contact-named.ts";
import { loginsNamed, whichLogin } from "./logins-named.ts";

async function run(request: Request, scene: Scene): Promise<readonly string[]> {
  const named = await loginsNamed(request, scene);
  if (typeof named === "string") return [named];
  const { network } = named;
  const query = request.words.slice(1).join(" ");
  if (query === "") return [`Whom? Write “start-chat ${network.id} …” with ${network.addressing}.`];
  const logins = named.logins.filter(({ state }) => state === "active");
  const found: { readonly login: Login; readonly known: Known }[] = [];
  for (const login of logins)
    for (const known of await scene.contacts.called(login, network, query)) found.push({ login, known });
  if (found.length > 1) {
    const all = found.map(({ known }) => known);
    return [await severalWords(all, "start-chat", scene)];
  }
  const [one] = found;
  if (one) {
    const { login, known } = one;
    const open = await openWords(await scene.chats.again(login, network, known.portal), scene);
    const state = known.contact?.reachability ?? "reachable";
    return [
      state === "reachable" ? open : `${open} ${reachabilityWords(state, known.ghost.name, network.name)}`,
    ];
  }
  const [login, ...others] = logins;
  if (!login) return [`${network.name} is off for you. Write “enable ${network.id}” first.`];
  if (others.length > 0) return [whichLogin({ ...named, logins }, "start-chat", query)];
  if (scene.connections.state(login.id).kind === "connecting") await connectedSoon(login.id, scene);
  const started = await scene.chats.start(login, network, query);
  switch (started.kind) {
    case "not-found":
      return [started.words];
    case "not-reachable": {
      const { reachability, name } = started.contact;
      return [reachabilityWords(reachability, cleanName(name, "This contact"), network.name)];
    }
    case "started":
      return [await openWords(started.open, scene)];
  }
}

async function openWords({ profile, portal }: OpenPortal, { inboxes }: Scene): Promise<string> {
  if (portal.member === "joined") return `The chat with ${profile.name} is open already: write there.`;
  return (await inboxes.puppets())
    ? `The chat with ${profile.name} is open: write there.`
    : `The chat with ${profile.name} is open: accept the invitation and write there.`;
}

/** What finds people is each network's own. */
export function startChatOn(networks: readonly Pick<Network, "name" | "addressing">[]): Command {
  const whom = networks.map(({ name, addressing }) => `on ${name} ${addressing}`).join("; ");
  return {
    name: "start-chat",
    usage: "<network> <whom>",
    summary: `Opens a chat with somebody${whom === "" ? "" : `. Whom: ${whom}`}.`,
    run,
  };
}
