import { shortened } from "../../core/model/cut-text.ts";
import type { PersonId } from "../../core/model/ids.ts";
import { connectedSoon } from "../../core/people/connected-soon.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { severalWords } from "../contact-named.ts";
import { loginsNamed, whichLogin } from "../logins-named.ts";

/** The most people who are looked up for one group. */
const MOST = 50;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return [named];
  const { network } = named;
  const logins = named.logins.filter(({ state }) => state === "active");
  const [login, ...others] = logins;
  if (!login) return [`${network.name} is off for you. Write “enable ${network.id}” first.`];
  const typed = request.words.slice(1).join(" ");
  if (others.length > 0) return [whichLogin({ ...named, logins }, "create-group", typed)];
  const wanted = wantedIn(typed);
  if (!wanted)
    return [
      `Write “create-group ${network.id} … with …”: first what it is called, behind “with” whom to add, with commas between.`,
    ];
  if (wanted.whom.length > MOST)
    return [`I add ${MOST} people to a new group at most. Invite the others in its room.`];
  if (context.connections.state(login.id).kind === "connecting") await connectedSoon(login.id, context);
  const people = new Set<PersonId>();
  for (const whom of wanted.whom) {
    const found = await personCalled(whom, login, network, context);
    if ("words" in found) return [`${found.words} No group was made.`];
    people.add(found.person);
  }
  const { profile, portal } = await context.groups.create(
    { login, network, name: wanted.name, people: [...people] },
    request,
  );
  return [
    portal.member === "joined" || (await context.spaces.puppets())
      ? `There is ${profile.name}: write there.`
      : `There is ${profile.name}: accept the invitation and write there.`,
  ];
}

/** What the group is called and whom to add; undefined where one is missing. The last “with” counts, as a name may have one. */
function wantedIn(typed: string): { readonly name: string; readonly whom: readonly string[] } | undefined {
  const at = typed.toLowerCase().lastIndexOf(" with ");
  if (at < 0) return undefined;
  const name = typed
    .slice(0, at)
    .trim()
    .replace(/^[“"]|[”"]$/gu, "");
  const whom = typed
    .slice(at + " with ".length)
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return name === "" || whom.length === 0 ? undefined : { name, whom };
}

/** Somebody whom the person has a chat with, or whom the network finds. */
async function personCalled(
  typed: string,
  login: Login,
  network: Network,
  context: CommandContext,
): Promise<{ readonly person: PersonId } | { readonly words: string }> {
  const [known, ...others] = await context.contacts.called(login, network, typed);
  if (known && others.length > 0)
    return { words: await severalWords([known, ...others], "create-group", context) };
  if (known) return { person: known.portal.person };
  const found = await context.connections.find(login.id, typed);
  if (found?.kind === "found") return { person: found.contact.person };
  return {
    words: `I do not know “${shortened(typed, 60)}” on ${network.name}. ${found?.words ?? `${network.name} is not connected now.`}`,
  };
}

export const createGroup: Command = {
  name: "create-group",
  usage: "<network> <name> with <whom>",
  summary: "Makes a group on the network with people in it, with commas between, and opens its room.",
  group: "chats",
  run,
};
