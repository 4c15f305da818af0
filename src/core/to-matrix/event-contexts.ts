import type { Admission } from "../chats/admission.ts";
import type { Archives } from "../chats/archives.ts";
import type { ChatProfiles } from "../chats/chat-profiles.ts";
import { commandTarget, personTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import type { ContactPictures } from "../chats/contact-pictures.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import type { ChangePace } from "../chats/groups/change-pace.ts";
import { isCrowded } from "../chats/groups/crowds.ts";
import type { LateMessages } from "../chats/groups/late-messages.ts";
import type { OwnSenders } from "../chats/own-senders.ts";
import { chatOf, type OpenPortal, type Portals, type WantedChat } from "../chats/portals.ts";
import { isRequest, type Requests } from "../chats/requests.ts";
import { failedMessages } from "../delivery/failed-messages.ts";
import { isIgnored } from "../delivery/ignored-contacts.ts";
import { tellsLogin } from "../delivery/told-kinds.ts";
import { untoldTimer } from "../expiries/untold-timers.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { type Guard, stands } from "../ports/guards.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Login, NetworkInboxRow, PortalMember } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Actor, NetworkEventContext } from "./event-context.ts";
import {
  concernsRequest,
  contactIn,
  isSaidOf,
  isShownBySender,
  isWorthARoom,
  makesRoom,
  toldKind,
} from "./event-kinds.ts";
import { groupNow } from "./groups/group-return.ts";
import { historyOf } from "./message-history.ts";
import { isAskedHere } from "./own/asked-here.ts";
import { nameIn } from "./sender-name.ts";

export interface EventContextsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly archives: Archives;
  readonly portals: Portals;
  readonly ghosts: Ghosts;
  readonly pictures: Pick<ContactPictures, "ask">;
  readonly ownSenders: Pick<OwnSenders, "of">;
  readonly profiles: ChatProfiles;
  readonly admission: Pick<Admission, "admit">;
  readonly lateMessages: Pick<LateMessages, "leaveIfOut">;
  readonly connections: Pick<Connections, "client">;
  readonly requests: Pick<Requests, "invited" | "joined">;
  readonly changePace: Pick<ChangePace, "later">;
}

/** A sender of the batch, with the name that they had then. */
interface Sender {
  readonly actor: Actor;
  readonly name: string | undefined;
}

/** Makes the contexts of a batch's events. Room and ghosts are looked up once, for as long as they stay the same. */
export class EventContexts {
  readonly #parts: EventContextsParts;
  readonly #login: Login;
  readonly #network: Network;
  /** The tries an event has; the last one does without what can be left out. */
  readonly #tries: number;
  #open: OpenPortal | undefined;
  /** The network's description of a chat without a portal. */
  #chat: WantedChat | undefined;
  readonly #senders = new Map<PersonId, Sender>();
  /** The portal as it was at each look since the last commit; a sender's new name makes another look. */
  #used: readonly OpenPortal["portal"][] = [];

  constructor(parts: EventContextsParts, login: Login, network: Network, tries: number) {
    this.#parts = parts;
    this.#login = login;
    this.#network = network;
    this.#tries = tries;
  }

  /** Guards that the portal is still as it was when it was looked up: the chat may have been closed meanwhile. */
  get guards(): readonly Guard[] {
    return this.#used.map(stands);
  }

  forget(): void {
    this.#open = undefined;
    this.#chat = undefined;
    this.#senders.clear();
    this.#used = [];
  }

  /** Opens a group's room and invites the login's person, before the group's event is looked at. */
  async enter(row: NetworkInboxRow): Promise<void> {
    if (this.#open || !isWorthARoom(row)) return;
    const { key, event, attempts } = row;
    const chat = await this.#chatOf(key, event.sender);
    if (chat.kind === "group") await this.#ensure(key, chat, this.#isLastTry(attempts));
  }

  /** The context of an event; undefined for one about a contact without a room, which is no reason to make one. */
  async of(row: NetworkInboxRow): Promise<Omit<NetworkEventContext, "repeated" | "broughtTo"> | undefined> {
    const { event, attempts } = row;
    const { store, homeserver, encoder, outbox, archives, profiles, ghosts } = this.#parts;
    const told = toldKind(event);
    if (told !== undefined && !(await tellsLogin(store, told, this.#login))) return undefined;
    const key = { login: this.#login.id, chat: event.chat };
    const name = event.sender === undefined ? undefined : nameIn(event);
    if (!isWorthARoom(row) && !this.#open && !(await store.portals.byChat(key))?.room) {
      const { sender } = event;
      const known = sender !== undefined && name !== undefined;
      if (known && (await store.ghosts.byPerson(this.#network.id, sender)))
        await ghosts.ensure(this.#network, sender, name);
      return undefined;
    }
    const minimal = this.#isLastTry(attempts);
    const { open, actor } =
      event.sender === undefined
        ? await this.#ofOwn(key, event, minimal)
        : isSaidOf(event)
          ? await this.#ofNamed(key, event.sender, name, minimal)
          : await this.#of(key, event.sender, name, minimal);
    const { bot } = homeserver;
    const about = contactIn(event);
    return {
      ...open,
      actor,
      login: this.#login,
      network: this.#network,
      bot,
      encoder,
      outbox,
      archives,
      profiles,
      ghosts,
      granted:
        this.#parts.connections.client(key.login)?.capabilities(key.chat) ?? this.#network.capabilities,
      ...(await this.#people(key, event)),
      tellsLater: (silent) => this.#parts.changePace.later(open.portal.room, silent),
      askedHere: await isAskedHere(store, key, event),
      contact: about && (await store.contacts.get(this.#login.id, about)),
      isIgnored: event.kind === "blocked" && (await isIgnored(store, key.login, event.person)),
      isRequest: concernsRequest(event) && (await isRequest(store, key)),
      requests: this.#parts.requests,
      isCrowded: event.kind === "group-members" && (await isCrowded(store, key)),
      isAdmin: async (person) => {
        const member = await store.portalMembers.get(key, person);
        return member?.membership === "joined" && member.role !== "member";
      },
      groupNow: () => groupNow(this.#parts, key, this.#network),
      isMember: async () => (await store.portalMembers.get(key, undefined))?.membership === "joined",
      ...(await historyOf(store, key, event)),
      reaction:
        event.kind === "reaction" ? await store.reactions.of(key, event.target, event.sender) : undefined,
      commandTarget:
        about === undefined
          ? ""
          : open.portal.kind === "group"
            ? await personTarget(store, open.portal, about)
            : await commandTarget(store, key),
      undelivered: event.kind === "reachability" ? (await failedMessages(store, key)).length : 0,
      untoldTimer: event.kind === "timer" || makesRoom(event) ? await untoldTimer(store, key) : undefined,
      excluded: await this.#excluded(event),
    };
  }

  async #of(key: PortalKey, sender: PersonId, name: string | undefined, minimal: boolean) {
    const { ghosts, admission } = this.#parts;
    const before = this.#senders.get(sender);
    const isRenamed = name !== undefined && name !== before?.name;
    if (this.#open && before && !isRenamed) return { open: this.#open, actor: before.actor };
    const known = this.#open ? chatOf(this.#open.portal) : await this.#chatOf(key, sender);
    const isContact = known.kind === "direct" && known.person === sender;
    const chat = isContact ? { ...known, name } : known;
    const open = this.#open && !isContact ? this.#open : await this.#ensure(key, chat, minimal, isContact);
    const contact = isContact ? open.profile.contact : undefined;
    const ghost = contact ?? (await ghosts.ensure(this.#network, sender, name, minimal));
    if (!contact) {
      await admission.admit(open.portal.room, ghost.user);
      // They are in the room for this alone, if they left the group.
      await this.#parts.lateMessages.leaveIfOut(key, sender);
    }
    this.#parts.pictures.ask(this.#login.id, ghost);
    const actor = { name: ghost.name, person: sender, user: ghost.user, own: false };
    this.#senders.set(sender, { actor, name });
    return { open, actor };
  }

  /** The room, and as the actor somebody whom the bot only names: they are not brought into the room for that. */
  async #ofNamed(key: PortalKey, sender: PersonId, name: string | undefined, minimal: boolean) {
    const { store, ghosts } = this.#parts;
    const open = this.#open ?? (await this.#ensure(key, await this.#chatOf(key, sender), minimal));
    const known = await store.ghosts.byPerson(this.#network.id, sender);
    const ghost =
      known === undefined || known.profile === "none"
        ? ghosts.newRow(this.#network, sender, name ?? known?.name)
        : await ghosts.ensure(this.#network, sender, name, minimal);
    return { open, actor: { name: ghost.name, person: sender, user: ghost.user, own: false } };
  }

  async #ensure(
    key: PortalKey,
    chat: WantedChat,
    minimal: boolean,
    begunByContact = false,
  ): Promise<OpenPortal> {
    const owner = { login: this.#login, network: this.#network };
    const open = await this.#parts.portals.ensure({ ...owner, key, chat, minimal, begunByContact });
    this.#open = open;
    this.#used = [...this.#used, open.portal];
    return open;
  }

  #isLastTry(attempts: number): boolean {
    return attempts + 1 >= this.#tries;
  }

  /** The room, and our person as the actor of an event from another device. */
  async #ofOwn(key: PortalKey, event: RemoteEvent, minimal: boolean) {
    const open = this.#open ?? (await this.#ensure(key, await this.#chatOf(key, undefined), minimal));
    const { user } = this.#login;
    const type = event.kind === "reaction" ? "m.reaction" : "m.room.message";
    const by = isShownBySender(event)
      ? await this.#parts.ownSenders.of(this.#login, this.#network, open.portal, type)
      : user;
    return { open, actor: { name: "You", person: undefined, user: by, own: true } };
  }

  /** What the chat is; the network is asked about a new one. */
  async #chatOf(key: PortalKey, sender: PersonId | undefined): Promise<WantedChat> {
    const { store, connections } = this.#parts;
    const portal = await store.portals.byChat(key);
    if (portal) return chatOf(portal);
    if (this.#chat) return this.#chat;
    const person = sender ?? (await store.contacts.ofChat(key))?.person;
    if (this.#network.groups !== true && person !== undefined)
      return { kind: "direct", person, name: undefined };
    const client = connections.client(key.login);
    if (!client?.chatInfo) {
      const words = `${this.#network.name} is not connected, so it cannot be asked what the chat is.`;
      throw new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 0 });
    }
    const info = await client.chatInfo(key.chat);
    this.#chat =
      info.kind === "group"
        ? { kind: "group", info }
        : { kind: "direct", person: info.person, name: info.name, self: info.self };
    return this.#chat;
  }

  /** Those whose membership or role changes, as they were, and their names. */
  async #people(
    key: PortalKey,
    event: RemoteEvent,
  ): Promise<Pick<NetworkEventContext, "members" | "people">> {
    const { store, ghosts } = this.#parts;
    const members: PortalMember[] = [];
    const people = new Map<PersonId, string>();
    if (event.kind !== "group-members" && event.kind !== "group-roles") return { members, people };
    for (const change of event.changes) {
      const { person } = change;
      const member = await store.portalMembers.get(key, person);
      if (member) members.push(member);
      if (person === undefined) continue;
      const known = await store.ghosts.byPerson(this.#network.id, person);
      const name = "name" in change ? change.name : undefined;
      people.set(person, (known ?? ghosts.newRow(this.#network, person, name)).name);
    }
    return { members, people };
  }

  /** Whether this kind of excluded event was told of in this chat before. */
  async #excluded(event: RemoteEvent): Promise<NetworkEventContext["excluded"]> {
    if (event.kind !== "excluded") return { before: true, record() {} };
    const scope = `login/${this.#login.id}/excluded`;
    const name = `${event.chat} ${event.what}${event.sender === undefined ? " of our own" : ""}`;
    const before = (await this.#parts.store.records.get(scope, name)) !== undefined;
    return { before, record: (tx) => tx.records.set(scope, name, "told") };
  }
}
