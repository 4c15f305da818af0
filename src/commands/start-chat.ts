import type { OpenPortal } from "../core/chats/portals.ts";
import { cleanName } from "../core/model/names.ts";
import { reachabilityWords } from "../core/model/reachability-text.ts";
import type { Command, Request, Scene } from "./command.ts";
import { networkNamed } from "./command.ts";
import { connectedSoon } from "./connection.ts";
import { severalWords } from "./whom.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const [named, ...rest] = words;
  const network = networkNamed(named, scene);
  if (typeof network === "string") return [network];
  const query = rest.join(" ");
  if (query === "") return [`Whom? Write “start-chat ${network.id} …” with ${network.addressing}.`];
  const login = await scene.logins.of(user, network.id);
  if (login?.state !== "active")
    return [`${network.name} is off for you. Write “enable ${network.id}” first.`];
  const [known, ...others] = await scene.contacts.called(login, network, query);
  if (known && others.length > 0) return [await severalWords([known, ...others], "start-chat", scene)];
  if (known) {
    const open = await openWords(await scene.chats.again(login, network, known.portal), scene);
    const state = known.contact?.reachability ?? "reachable";
    return [
      state === "reachable" ? open : `${open} ${reachabilityWords(state, known.ghost.name, network.name)}`,
    ];
  }
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

export const startChat: Command = {
  name: "start-chat",
  usage: "<network> <whom>",
  summary: "Opens a chat with somebody; whom is a phone number on WhatsApp, a name or id on Messenger.",
  run,
};
