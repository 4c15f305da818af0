import { z } from "zod";
import { NOTE_TO_SELF } from "../../core/chats/chat-profiles.ts";
import type { ContactChat } from "../../core/chats/contacts.ts";
import { isDeclined, isMuted } from "../../core/chats/mutes.ts";
import { isRequest } from "../../core/chats/requests.ts";
import type { CommandScope } from "../../core/command-scope.ts";
import { BridgeError } from "../../core/model/errors.ts";
import { cleanName } from "../../core/model/names.ts";
import { reachabilityWords } from "../../core/model/reachability-text.ts";
import { connectedSoon } from "../../core/people/connected-soon.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { NetworkClient, NetworkContact } from "../../core/ports/network.ts";
import { chatOf, type OwnLogin, ownLogin } from "./own-login.ts";
import { notFound } from "./refusal.ts";
import { Created, type Route, route } from "./route.ts";
import { byLogin, resolved } from "./shapes.ts";

interface Scope
  extends Pick<
    CommandScope,
    | "logins"
    | "connections"
    | "contacts"
    | "search"
    | "contactActs"
    | "chatStarter"
    | "failures"
    | "quiet"
    | "reports"
    | "store"
    | "scheduler"
  > {
  readonly clock: Pick<Clock, "after">;
}
type Resolved = z.input<typeof resolved>;

const identifier = z.object({
  identifier: z
    .string()
    .min(1)
    .max(255)
    .describe("What the network finds people by, the id of a contact, or a contact's Matrix id"),
});

/** The people a person can write to. */
export function contactRoutes(scope: Scope): readonly Route[] {
  const { contacts, contactActs, chatStarter, connections, search } = scope;
  const { failures, quiet, reports, store, scheduler } = scope;
  return [
    route({
      method: "GET",
      path: "/v3/contacts",
      id: "getContacts",
      shown: "contacts",
      summary: "Whom the person has a chat with.",
      tag: "v3",
      query: byLogin,
      answer: z.object({ contacts: z.array(resolved) }),
      async handle(call) {
        const own = await ownLogin(call, scope);
        const shown: Resolved[] = [];
        for (const chat of await contacts.all(own.login)) {
          await scheduler.yield();
          shown.push(await known(own, chat));
        }
        return { contacts: shown };
      },
    }),
    route({
      method: "POST",
      path: "/v3/search_users",
      id: "searchUsers",
      summary: "Searches the person's contacts by name, and the network for who is found by exactly that.",
      tag: "v3",
      query: byLogin,
      body: z.object({ query: z.string().min(1).max(255) }),
      answer: z.object({ results: z.array(resolved) }),
      async handle(call) {
        const own = await ownLogin(call, scope);
        const { contacts: called, found, foundChat } = await search.search(own.login, call.body.query);
        const results = await Promise.all(called.map((chat) => known(own, chat)));
        if (found) results.push(await either(own, found, foundChat ? [foundChat] : []));
        return { results };
      },
    }),
    route({
      method: "GET",
      path: "/v3/resolve_identifier/{identifier}",
      id: "resolveIdentifier",
      summary: "Who is found by what a person typed.",
      tag: "v3",
      params: identifier,
      query: byLogin,
      answer: resolved,
      refuses: [502],
      async handle(call) {
        const own = await ownLogin(call, scope);
        const chats = await contacts.all(own.login);
        const chat = chatOf(chats, call.params.identifier);
        if (chat) return known(own, chat);
        const found = await (await connected(own)).find(call.params.identifier);
        if (found.kind === "not-found") throw notFound(found.words);
        return either(own, found.contact, chats);
      },
    }),
    route({
      method: "POST",
      path: "/v3/create_dm/{identifier}",
      id: "createDM",
      summary: "Opens a chat, with whoever is found by what a person typed.",
      tag: "v3",
      params: identifier,
      query: byLogin,
      answer: resolved,
      also: 201,
      refuses: [502],
      async handle(call) {
        const own = await ownLogin(call, scope);
        const chat = chatOf(await contacts.all(own.login), call.params.identifier);
        if (chat) {
          await chatStarter.openAgain(own.login, own.network, chat.portal);
          return again(own, chat.portal.person);
        }
        await connected(own);
        const started = await chatStarter.start(own.login, own.network, call.params.identifier);
        if (started.kind === "not-found") throw notFound(started.words);
        if (started.kind === "not-reachable") throw notFound(wordsOf(own, started.contact));
        if (started.contact.self) return new Created(await either(own, started.contact, []));
        return new Created(await again(own, started.contact.person));
      },
    }),
  ];

  async function connected({ login, network }: OwnLogin): Promise<NetworkClient> {
    if (connections.state(login.id).kind === "connecting") await connectedSoon(login.id, scope);
    const client = connections.client(login.id);
    if (client?.state.kind === "connected") return client;
    throw new BridgeError("remote-unreachable", {
      words: `${network.name} is not connected at the moment. Try again when it is.`,
      certain: true,
    });
  }

  /** A chat as it is after something was done about it. */
  async function again(own: OwnLogin, person: string): Promise<Resolved> {
    const chat = chatOf(await contacts.all(own.login), person);
    if (!chat) throw notFound("The chat was closed meanwhile.");
    return known(own, chat);
  }

  async function either(
    own: OwnLogin,
    found: NetworkContact,
    chats: readonly ContactChat[],
  ): Promise<Resolved> {
    const chat = chatOf(chats, found.person);
    if (chat) return known(own, chat);
    if (found.self) return oneself(own, found);
    const ghost = await store.ghosts.byPerson(own.network.id, found.person);
    return {
      id: found.person,
      name: cleanName(found.name, "This contact"),
      ...(ghost === undefined ? {} : { mxid: ghost.user }),
      login_id: own.login.id,
      network_id: own.network.id,
      reachability: { state: found.reachability, words: wordsOf(own, found) },
    };
  }

  /** The person's own chat has no ghost. */
  async function oneself({ login, network }: OwnLogin, found: NetworkContact): Promise<Resolved> {
    const room = (await store.portals.byChat({ login: login.id, chat: found.chat }))?.room;
    return {
      id: found.person,
      name: NOTE_TO_SELF,
      ...(room === undefined ? {} : { dm_room_mxid: room }),
      login_id: login.id,
      network_id: network.id,
      reachability: {
        state: found.reachability,
        words: `That is you: what you write there is a note to yourself on ${network.name}.`,
      },
    };
  }

  async function known(
    { login, network }: OwnLogin,
    { portal, ghost, contact }: ContactChat,
  ): Promise<Resolved> {
    const state = contact?.reachability ?? "reachable";
    const quietUntil = await quiet.until(portal);
    return {
      id: portal.person,
      name: ghost.name,
      mxid: ghost.user,
      ...(ghost.picture ? { avatar_url: ghost.picture } : {}),
      ...(portal.room === undefined ? {} : { dm_room_mxid: portal.room }),
      login_id: login.id,
      network_id: network.id,
      reachability: { state, words: reachabilityWords(state, ghost.name, network) },
      contact: {
        blocked: contact?.blocked ?? false,
        muted: await isMuted(store, portal),
        trust: contact?.trust ?? "unverified",
        ...(quietUntil === undefined ? {} : { quiet_until: quietUntil }),
        request: await isRequest(store, portal),
        declined: await isDeclined(store, portal),
        failed: await failures.waiting(portal),
        can: {
          ...contactActs.can(portal),
          report: reports.can(portal),
          quiet: await quiet.can(portal),
        },
      },
    };
  }
}

const wordsOf = ({ network }: OwnLogin, { reachability, name }: NetworkContact): string =>
  reachabilityWords(reachability, cleanName(name, "This contact"), network);
