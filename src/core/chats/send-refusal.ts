import type { PortalKey } from "../model/events.ts";
import type { UserId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { Contact, Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { commandTarget, personTarget } from "./command-target.ts";

interface SendRefusalParts {
  readonly portal: Pick<Portal, "state"> & Partial<Pick<Portal, "kind">>;
  readonly login: Login;
  readonly network: Network;
  readonly contact: Contact | undefined;
  readonly contactName: string;
  /** Stands for the contact in a command, where the contact is blocked or has changed. */
  readonly commandTarget: string;
  /** A member of the group whose safety number is not the one that our person verified. */
  readonly changedMember?: ChangedMember | undefined;
}

/** Their name, and what stands for them in a command. */
export interface ChangedMember {
  readonly name: string;
  readonly target: string;
}

const CLOSED = "This chat is closed; its history stays here.";

/** Why nobody may write in a portal whose login or network is not there. */
export const closedWords = (
  networks: ReadonlyMap<string, Network>,
  { state, network }: Pick<Portal, "state" | "network">,
): string =>
  state === "archived" || networks.has(network)
    ? CLOSED
    : "This bridge is not set up for the chat's network any more. Ask your administrator whether it comes back.";

/** Why a person may not write in a portal now, in words for them; undefined where they may. */
export function sendRefusal(
  sender: UserId,
  { portal, login, network, contact, contactName, commandTarget: about, changedMember }: SendRefusalParts,
): string | undefined {
  if (portal.state === "archived") return CLOSED;
  if (sender !== login.user) {
    return portal.kind === "group"
      ? `You are not in this group on ${network.name} with an account of your own, so nothing can be sent there for you. Write “enable ${network.id}” to the bot, and join the group there.`
      : `Only ${login.user} can write to this contact from here.`;
  }
  if (login.state !== "active") {
    return `You are not on ${network.name} any more. Write “enable ${network.id}” to the bot.`;
  }
  if (login.consentVersion !== network.noticeVersion) {
    return `What ${network.name} learns of you has changed. Write “enable ${network.id}” to the bot to read it and agree; until then you only receive.`;
  }
  if (contact?.blocked === true)
    return `You have blocked ${contactName}. Write “unblock ${about}” to the bot to lift that.`;
  if (contact?.trust === "changed") {
    return `${contactName}'s safety number is another one than you verified. Write “verify ${about}” to the bot to compare it and agree.`;
  }
  if (changedMember) {
    const { name, target } = changedMember;
    return `${name}, who is in this group, has another safety number than you verified. Write “verify ${target}” to the bot to compare it and agree.`;
  }
  // A contact who turned third-party chats off may be reachable again; only the network can tell.
  if (contact?.reachability === "blocked") return `${contactName} has blocked you on ${network.name}.`;
  if (contact?.reachability === "gone") return `${contactName} is no longer on ${network.name}.`;
  return undefined;
}

/**
 * As {@link sendRefusal}, for what a login has sent or will send in a chat, by what the store has now. `isRead`: whether its
 * members read it; a change of the group, by which a member of another key may be removed, is not kept from them.
 */
export async function currentSendRefusal(
  store: Store,
  {
    login,
    network,
    key,
    isRead = true,
  }: {
    readonly login: Login;
    readonly network: Network;
    readonly key: PortalKey;
    readonly isRead?: boolean;
  },
): Promise<string | undefined> {
  // The portal may be without a room; the contact is the same.
  const portal = await store.portals.byChat(key);
  const contact = portal ? await contactIn(store, portal) : await store.contacts.ofChat(key);
  const changedMember = portal && isRead ? await changedMemberOf(store, portal) : undefined;
  const now = { portal: portal ?? ({ state: "open" } as const), login, network, contact, changedMember };
  // Without a refusal the contact's name need not be looked up.
  if (sendRefusal(login.user, { ...now, contactName: "", commandTarget: "" }) === undefined) return undefined;
  const ghost = contact && (await store.ghosts.byPerson(network.id, contact.person));
  return sendRefusal(login.user, {
    ...now,
    contactName: ghost?.name ?? "this contact",
    commandTarget: await commandTarget(store, key),
  });
}

/** What the login knows of a direct chat's contact. */
export async function contactIn(
  { contacts }: Pick<Store, "contacts">,
  portal: Portal,
): Promise<Contact | undefined> {
  return portal.kind === "direct" ? contacts.get(portal.login, portal.person) : undefined;
}

/** Somebody in a group whom our person verified, and whose safety number has changed since. */
export async function changedMemberOf(
  store: Pick<Store, "contacts" | "ghosts" | "portals" | "portalMembers" | "logins">,
  portal: Portal,
): Promise<ChangedMember | undefined> {
  if (portal.kind === "direct") return undefined;
  const contact = await store.contacts.changedIn(portal);
  if (!contact) return undefined;
  const name = (await store.ghosts.byPerson(portal.network, contact.person))?.name ?? "Somebody";
  return { name, target: await personTarget(store, portal, contact.person) };
}

/** Whether the login's person has left the group. */
export async function hasLeft(
  { portalMembers }: Pick<Store, "portalMembers">,
  portal: Portal,
): Promise<boolean> {
  if (portal.kind === "direct") return false;
  return (await portalMembers.get(portal, undefined))?.membership === "left";
}
