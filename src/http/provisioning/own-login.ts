import type { ContactChat } from "../../core/chats/contacts.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { Caller } from "./route.ts";
import { loginsOf } from "./whoami.ts";

type Scope = Pick<CommandScope, "logins" | "contacts">;

interface Asked {
  readonly caller: Caller;
  readonly networks: readonly Network[];
  readonly query: { readonly login_id?: string | undefined };
}

export interface OwnLogin {
  readonly login: Login;
  readonly network: Network;
}

export interface OwnChat extends OwnLogin {
  readonly chat: ContactChat;
}

/** The login a request names, or the person's first that is on. Another person's is no other's than none. */
export async function ownLogin({ caller, networks, query }: Asked, { logins }: Scope): Promise<OwnLogin> {
  const theirs = (await loginsOf(caller.user, networks, logins)).filter(({ state }) => state === "active");
  const { login_id: id } = query;
  const login = id === undefined ? theirs[0] : theirs.find((one) => one.id === id);
  const network = networks.find((one) => one.id === login?.network);
  if (login && network) return { login, network };
  if (id !== undefined) throw notFound("You have no such login.");
  throw new Refusal({
    status: 400,
    errcode: "FI.MAU.NOT_LOGGED_IN",
    words: "No network is on for you. Log in first.",
  });
}

/** A person's chat with a contact, by the network's id of them or by their Matrix id. */
export async function ownChat(asked: Asked, contact: string, scope: Scope): Promise<OwnChat> {
  const own = await ownLogin(asked, scope);
  const chat = chatOf(await scope.contacts.all(own.login), contact);
  if (!chat) throw notFound("You have no chat with such a contact.");
  return { ...own, chat };
}

export const chatOf = (chats: readonly ContactChat[], contact: string): ContactChat | undefined =>
  chats.find(({ portal, ghost }) => portal.person === contact || ghost.user === contact);
