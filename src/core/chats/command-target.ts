import type { PortalKey } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import type { Ghost, GroupPortal, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { groupTitle } from "./chat-profiles.ts";
import { handleOf } from "./login-handle.ts";

const SHORTEST_TAG = 4;
/** A name with a tag behind it, which tells namesakes apart. */
const TAGGED = /^(.*?) ?#([\w.=/+-]{4,})$/u;

/** The quotation marks around commands in the bot's words. */
const QUOTES = /[“”„]/g;

/**
 * A name in the form in which names are compared: without regard to case, width, joiners and the kind of quotation
 * marks.
 */
export const folded = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/\p{DI}/gu, "")
    .replace(QUOTES, '"')
    .trim()
    .toLocaleLowerCase("en");

/** Whether a ghost has this tag: the end of its id, which tells namesakes apart. */
export const hasTag = (ghost: Ghost, tag: string): boolean => localpartOf(ghost).endsWith(tag.toLowerCase());

/** Reads typed text as a name with a tag behind it; undefined where it has no tag. */
export function tagged(typed: string): { readonly name: string; readonly tag: string } | undefined {
  const [whole, name = "", tag = ""] = TAGGED.exec(typed.trim()) ?? [];
  return whole === undefined ? undefined : { name, tag };
}

/** Whether a chat can be named in a command. */
export const isNameable = ({ state }: Portal): boolean => state !== "archived";

/**
 * What stands for a chat in a command, such as `network Wim`: exact enough that no other chat is found by it. Where
 * another chat has the name too, a contact's is followed by a tag, and a group has its id on the network.
 */
export async function commandTarget(
  { portals, ghosts, logins }: Pick<Store, "portals" | "ghosts" | "logins">,
  key: PortalKey,
): Promise<string> {
  const portal = await portals.byChat(key);
  if (portal?.kind === "group") return groupTarget({ portals, ghosts, logins }, portal);
  const ghost = portal && (await ghosts.byPerson(portal.network, portal.person));
  if (!ghost) return "…";
  const taken = takenBy(ghost.name);
  const namesakes: Ghost[] = [];
  let isGroups = false;
  for (const other of (await portals.ofLogin(key.login)).filter(isNameable)) {
    if (other.kind === "group") isGroups ||= taken.has(folded(groupTitle(other)));
    const found = other.kind === "direct" && (await ghosts.byPerson(other.network, other.person));
    if (found && found.user !== ghost.user && taken.has(folded(found.name))) namesakes.push(found);
  }
  const login = await logins.get(key.login);
  const network = login ? await handleOf({ logins }, login) : ghost.network;
  const name = ghost.name.replace(QUOTES, '"');
  if (namesakes.length === 0 && !isGroups && tagged(name) === undefined) return `${network} ${name}`;
  const id = localpartOf(ghost);
  for (let length = SHORTEST_TAG; length < id.length; length += 2) {
    const tag = id.slice(-length);
    if (!namesakes.some((other) => hasTag(other, tag))) return `${network} ${name} #${tag}`;
  }
  return `${network} ${ghost.user}`;
}

/** The names that stand for others where this is a chat's: “report Wim yes” must not mean somebody called “Wim yes”. */
const takenBy = (name: string): ReadonlySet<string> =>
  new Set(["", " yes", " no"].map((ending) => folded(`${name}${ending}`)));

/** A group by its name, or by its id on the network where that is another chat's too, or ends as an answer does. */
async function groupTarget(
  { portals, ghosts, logins }: Pick<Store, "portals" | "ghosts" | "logins">,
  group: GroupPortal,
): Promise<string> {
  const whose = await logins.get(group.login);
  const where = whose ? await handleOf({ logins }, whose) : group.network;
  const title = groupTitle(group);
  const taken = takenBy(title);
  let isTaken = /\s(?:yes|no)$/iu.test(title);
  for (const other of (await portals.ofLogin(group.login)).filter(isNameable)) {
    if (isTaken) break;
    if (other.chat === group.chat) continue;
    const name =
      other.kind === "group" ? groupTitle(other) : (await ghosts.byPerson(other.network, other.person))?.name;
    isTaken = name !== undefined && taken.has(folded(name));
  }
  return `${where} ${isTaken ? group.chat : title.replace(QUOTES, '"')}`;
}

/**
 * As {@link commandTarget}, for somebody with whom the login has a chat of two or a group; by their Matrix id where they
 * have none and somebody else is called so.
 */
export async function personTarget(
  store: Pick<Store, "portals" | "portalMembers" | "ghosts" | "logins">,
  { login, network }: Pick<Portal, "login" | "network">,
  person: PersonId,
): Promise<string> {
  const chats = await store.portals.ofLogin(login);
  const chat = chats.find((one) => one.kind === "direct" && one.person === person && isNameable(one));
  if (chat) return commandTarget(store, chat);
  const ghost = await store.ghosts.byPerson(network, person);
  if (!ghost) return "…";
  const whose = await store.logins.get(login);
  const where = whose ? await handleOf({ logins: store.logins }, whose) : network;
  const name = ghost.name.replace(QUOTES, '"');
  const taken = takenBy(ghost.name);
  for (const one of chats.filter(isNameable)) {
    const people = one.kind === "direct" ? [one] : await store.portalMembers.of(one);
    for (const { person: other } of people) {
      const namesake =
        other !== undefined && other !== person && (await store.ghosts.byPerson(network, other));
      if (namesake && taken.has(folded(namesake.name))) return `${where} ${ghost.user}`;
    }
  }
  return `${where} ${name}`;
}

const localpartOf = ({ user }: Ghost): string => user.slice(1, user.indexOf(":"));
