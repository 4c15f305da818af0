import { commandTarget } from "../core/chats/command-target.ts";
import type { Known } from "../core/chats/contacts.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import { networkNamed, type Request, type Scene } from "./command.ts";

export interface Whom {
  readonly network: Network;
  readonly login: Login;
  readonly known: Known;
  /** What finds this contact and nobody else, with the network before it: to be typed behind a command. */
  readonly exactly: string;
}

/** The contact a command is about, or the sentence that says why there is none. */
export async function whom({ user, words }: Request, verb: string, scene: Scene): Promise<Whom | string> {
  const [named, ...rest] = words;
  const network = networkNamed(named, scene);
  if (typeof network === "string") return network;
  const typed = rest.join(" ");
  const usage = `“${verb} ${network.id} …” with the contact's name as the chat shows it, or ${network.addressing}`;
  if (typed === "") return `Whom? Write ${usage}.`;
  const login = await scene.logins.of(user, network.id);
  if (login?.state !== "active") return `${network.name} is off for you. Write “enable ${network.id}” first.`;
  const found = await scene.contacts.named(login, network, typed);
  const [known] = found;
  if (!known) {
    const looked = scene.connections.state(login.id).kind === "connected";
    const unlooked = looked ? "" : ` ${network.name} is not connected now, so I looked for their name only.`;
    return `You have no chat with “${shortened(typed, 60)}” on ${network.name}.${unlooked} Write ${usage}.`;
  }
  if (found.length > 1) return severalWords(found, verb, scene);
  return { network, login, known, exactly: await commandTarget(scene.store, known.portal) };
}

/** The command for each of those who could be meant. */
export async function severalWords(found: readonly Known[], verb: string, { store }: Scene): Promise<string> {
  const lines: string[] = [];
  for (const { portal } of found) {
    const command = `“${verb} ${await commandTarget(store, portal)}”`;
    lines.push(
      portal.room === undefined ? `• ${command}` : `• ${command} for https://matrix.to/#/${portal.room}`,
    );
  }
  return ["Several contacts are called that. Write the one you mean:", ...lines].join("\n");
}
