import type { Admission } from "../chats/admission.ts";
import type { Archives } from "../chats/archives.ts";
import type { ChatProfiles } from "../chats/chat-profiles.ts";
import { commandTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import type { OwnSenders } from "../chats/own-senders.ts";
import { chatOf, type OpenPortal, type Portals, type WantedChat } from "../chats/portals.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { type Guard, stands } from "../ports/guards.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Login, NetworkInboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Actor, NetworkEventContext } from "./event-context.ts";
import { historyOf } from "./message-history.ts";
import { nameIn } from "./sender-name.ts";

const ROOM_MAKERS: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "message",
  "undecryptable",
  "unsupported",
  "excluded",
  "call",
]);

/** Kinds that become events by who did it; of our person the others are the bot's to say or to do. */
const SHOWN: ReadonlySet<RemoteEvent["kind"]> = new Set(["message", "edit", "reaction"]);

export interface EventContextsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly archives: Archives;
  readonly portals: Portals;
  readonly ghosts: Ghosts;
  readonly ownSenders: Pick<OwnSenders, "of">;
  readonly profiles: ChatProfiles;
  readonly admission: Pick<Admission, "admit">;
  readonly connections: Pick<Connections, "client">;
}

/** Who did something, as the room knows them, and the name they had then. */
interface Sender {
  readonly actor: Actor;
  readonly name: string | undefined;
}

/** The room and ghosts of a batch's events, looked up once, as long as they are the same. */
export class EventContexts {
  readonly #parts: EventContextsParts;
  readonly #login: Login;
  readonly #network: Network;
  /** Tries an event has: the last one does without what can be left out. */
  readonly #tries: number;
  #open: OpenPortal | undefined;
  /** What the network said a chat is that has no portal yet. */
  #chat: WantedChat | undefined;
  readonly #senders = new Map<PersonId, Sender>();
  /** The chat as it was at each look since the last commit: a new name makes one look again. */
  #used: readonly OpenPortal["portal"][] = [];

  constructor(parts: EventContextsParts, login: Login, network: Network, tries: number) {
    this.#parts = parts;
    this.#login = login;
    this.#network = network;
    this.#tries = tries;
  }

  /** The room of what was looked up is what it was then: the chat may have been closed meanwhile. */
  get guards(): readonly Guard[] {
    return this.#used.map(stands);
  }

  forget(): void {
    this.#open = undefined;
    this.#chat = undefined;
    this.#senders.clear();
    this.#used = [];
  }

  /** Opens the room of a group, with the login's person asked into it, before it is known who did what there. */
  async enter(row: NetworkInboxRow): Promise<void> {
    if (this.#open || !isWorthARoom(row)) return;
    const { key, event, attempts } = row;
    const chat = await this.#chatOf(key, event.sender);
    if (chat.kind === "group") await this.#ensure(key, chat, this.#isLastTry(attempts));
  }

  /** Undefined for news of a contact without a room, which alone is no reason to make one. */
  async of(row: NetworkInboxRow): Promise<Omit<NetworkEventContext, "repeated" | "broughtTo"> | undefined> {
    const { event, attempts } = row;
    const { store, homeserver, encoder, outbox, archives, profiles, ghosts } = this.#parts;
    const key = { login: this.#login.id, chat: event.chat };
    const name = event.sender === undefined ? undefined : nameIn(event);
    if (!isWorthARoom(row) && !this.#open && !(await store.portals.byChat(key))?.room) {
      const { sender } = event;
      const known = sender !== undefined && name !== undefined;
      if (known && (await store.ghosts.byPerson(this.#network.id, sender)))
        await ghosts.ensure(this.#network, sender, name);
      return undefined;
    }
    const bare = this.#isLastTry(attempts);
    const { open, actor } =
      event.sender === undefined
        ? await this.#ofOwn(key, event, bare)
        : await this.#of(key, event.sender, name, bare);
    const { bot } = homeserver;
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
      ...(await this.#people(key, event)),
      contact: isAboutContact(event) ? await store.contacts.get(this.#login.id, event.sender) : undefined,
      ...(await historyOf(store, encoder, key, event)),
      reaction:
        event.kind === "reaction" ? await store.reactions.of(key, event.target, event.sender) : undefined,
      commandTarget: isAboutContact(event) ? await commandTarget(store, key) : "",
      undelivered: event.kind === "reachability" ? (await store.networkOutbox.listFailed(key)).length : 0,
      excluded: await this.#excluded(event),
    };
  }

  async #of(key: PortalKey, sender: PersonId, name: string | undefined, bare: boolean) {
    const { ghosts, admission } = this.#parts;
    const before = this.#senders.get(sender);
    const renamed = name !== undefined && name !== before?.name;
    if (this.#open && before && !renamed) return { open: this.#open, actor: before.actor };
    const known = this.#open ? chatOf(this.#open.portal) : await this.#chatOf(key, sender);
    const isContact = known.kind === "direct" && known.person === sender;
    const chat = isContact ? { ...known, name } : known;
    const open = this.#open && !isContact ? this.#open : await this.#ensure(key, chat, bare);
    const contact = isContact ? open.profile.contact : undefined;
    const ghost = contact ?? (await ghosts.ensure(this.#network, sender, name, bare));
    if (!contact) await admission.admit(open.portal.room, ghost.user);
    const actor = { name: ghost.name, person: sender, user: ghost.user, own: false };
    this.#senders.set(sender, { actor, name });
    return { open, actor };
  }

  async #ensure(key: PortalKey, chat: WantedChat, minimal: boolean): Promise<OpenPortal> {
    const whose = { login: this.#login, network: this.#network };
    const open = await this.#parts.portals.ensure({ ...whose, key, chat, minimal });
    this.#open = open;
    this.#used = [...this.#used, open.portal];
    return open;
  }

  #isLastTry(attempts: number): boolean {
    return attempts + 1 >= this.#tries;
  }

  /** Our person did it on another device. */
  async #ofOwn(key: PortalKey, event: RemoteEvent, bare: boolean) {
    const open = this.#open ?? (await this.#ensure(key, await this.#chatOf(key, undefined), bare));
    const { user } = this.#login;
    const shown = SHOWN.has(event.kind);
    const by = shown ? await this.#parts.ownSenders.of(this.#login, this.#network, open.portal) : user;
    return { open, actor: { name: "You", person: undefined, user: by, own: true } };
  }

  /** What a chat is; of one that is new here the network is asked. */
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
        : { kind: "direct", person: info.person, name: info.name };
    return this.#chat;
  }

  /** Who is in a group in which that changes, and what those are called who are meant. */
  async #people(
    key: PortalKey,
    event: RemoteEvent,
  ): Promise<Pick<NetworkEventContext, "members" | "people">> {
    const { store, ghosts } = this.#parts;
    if (event.kind !== "group-members" && event.kind !== "group-roles")
      return { members: [], people: new Map() };
    const people = new Map<PersonId, string>();
    for (const change of event.changes) {
      const { person } = change;
      if (person === undefined) continue;
      const known = await store.ghosts.byPerson(this.#network.id, person);
      const name = "name" in change ? change.name : undefined;
      people.set(person, (known ?? ghosts.newRow(this.#network, person, name)).name);
    }
    return { members: await store.portalMembers.of(key), people };
  }

  /** Whether this kind of thing was told of in this chat before. */
  async #excluded(event: RemoteEvent): Promise<NetworkEventContext["excluded"]> {
    if (event.kind !== "excluded") return { before: true, record() {} };
    const scope = `login/${this.#login.id}/excluded`;
    const name = `${event.chat} ${event.what}${event.sender === undefined ? " of our own" : ""}`;
    const before = (await this.#parts.store.records.get(scope, name)) !== undefined;
    return { before, record: (tx) => tx.records.set(scope, name, "told") };
  }
}

const isAboutContact = (
  event: RemoteEvent,
): event is Extract<RemoteEvent, { kind: "identity-changed" | "reachability" }> =>
  event.kind === "identity-changed" || event.kind === "reachability";

const isWorthARoom = ({ event, overdue }: NetworkInboxRow): boolean =>
  makesRoom(event) || (overdue && event.kind !== "read");

/** A group that our person comes into is shown at once. */
const makesRoom = (event: RemoteEvent): boolean =>
  ROOM_MAKERS.has(event.kind) ||
  (event.kind === "group-members" &&
    event.changes.some(({ person, membership }) => person === undefined && membership === "joined"));
