import { reachabilityWords } from "../core/reachability.ts";
import type { Command, Request, Scene } from "./command.ts";
import { networkNamed } from "./command.ts";
import { connectedSoon } from "./connection.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const [named, ...rest] = words;
  const network = networkNamed(named, scene);
  if (typeof network === "string") return [network];
  const query = rest.join(" ");
  if (query === "") return [`Whom? Write “start-chat ${network.id} …” with ${network.addressing}.`];
  const login = await scene.logins.of(user, network.id);
  if (login?.state !== "active")
    return [`${network.name} is off for you. Write “enable ${network.id}” first.`];
  if (scene.connections.state(login.id).kind === "connecting") await connectedSoon(login.id, scene);
  const started = await scene.chats.start(login, network, query);
  switch (started.kind) {
    case "not-found":
      return [started.words];
    case "not-reachable":
      return [reachabilityWords(started.contact.reachability, started.contact.name, network.name)];
    case "started":
      return [`The chat with ${started.open.ghost.name} is open: accept the invitation and write there.`];
  }
}

export const startChat: Command = {
  name: "start-chat",
  usage: "<network> <whom>",
  summary: "Opens a chat with somebody; whom is a phone number on WhatsApp, a name or id on Messenger.",
  run,
};
