import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Command, Request, Scene } from "../command.ts";
import { connectedSoon } from "../connection.ts";
import { answered, ask, asked } from "./consent.ts";
import { elsewhereWords, notACountry, reside, residence } from "./residence.ts";

async function run({ user, words }: Request, scene: Scene): Promise<readonly string[]> {
  const open = await asked(scene.store, user);
  const network = open && scene.networks.get(open.network);
  if (!open || !network) return nothingAsked(user, scene);
  if (open.version !== network.notice.version) {
    await ask(scene.store, user, network);
    return [`The notice changed since you read it. Write “enable ${network.id}” to read it again.`];
  }
  // Who agrees says with it that they live where the notice says one must.
  const country = words.length > 0 ? words.join(" ") : undefined;
  const known = await residence(scene.store, user);
  const told = country !== undefined || known === "unknown";
  const where = told ? await reside(scene.store, scene.clock, user, country ?? "eea") : known;
  if (where === "elsewhere") return [await elsewhereWords(user, scene)];
  if (where === "unknown") return [notACountry(country ?? "", "yes")];
  const login = await scene.logins.enable(user, network);
  await answered(scene.store, user);
  return isOn(login, network, scene);
}

/** A yes that was carried out and not answered, because the bridge ended in between, comes a second time. */
async function nothingAsked(user: Request["user"], scene: Scene): Promise<readonly string[]> {
  const networks = [...scene.networks.values()];
  const logins = await Promise.all(networks.map(({ id }) => scene.logins.of(user, id)));
  const [last] = logins
    .filter((login) => login?.state === "active")
    .sort((a, b) => (b?.consentAt ?? 0) - (a?.consentAt ?? 0));
  const network = last && scene.networks.get(last.network);
  if (network) return isOn(last, network, scene);
  const enabling = networks.map(({ id }) => `“enable ${id}”`).join(" or ");
  return [
    enabling === ""
      ? "There is nothing to say yes to. No network is set up on this bridge. Ask its administrator."
      : `There is nothing to say yes to. Write ${enabling} first.`,
  ];
}

async function isOn(login: Login, network: Network, scene: Scene): Promise<readonly string[]> {
  const { user } = login;
  const connected = await connectedSoon(login.id, scene);
  const next = `To write to somebody, send “start-chat ${network.id} …” with ${network.addressing}.`;
  return connected
    ? [
        `${network.name} is on and connected. Your contacts see you as ${login.visibleId}. ${next}${await placeWords(user, scene)}`,
      ]
    : [
        `${network.name} is on, but the connection is not up yet; I keep trying. Write “status” to see how it goes.`,
      ];
}

async function placeWords(user: Request["user"], { inboxes }: Scene): Promise<string> {
  return (await inboxes.mode(user)) === "separate"
    ? " Your chats are kept in the Space “Third-party chats”; “inbox combined” puts them among your direct chats."
    : " Your chats appear among your direct chats; “inbox separate” keeps them in a Space of their own.";
}

export const yes: Command = {
  name: "yes",
  usage: "[country]",
  summary: "Agrees to the notice you were shown last.",
  topic: "consent",
  run,
};
