import type { Admission } from "../chats/admission.ts";
import type { Archives } from "../chats/archives.ts";
import { commandTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import type { Ghosts } from "../chats/ghosts.ts";
import { chatOf, type OpenPortal, type Portals, type WantedChat } from "../chats/portals.ts";
import { BridgeError } from "../model/errors.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { type Guard, stands } from "../ports/guards.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost, Login, NetworkInboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { historyOf } from "./message-history.ts";
import { nameIn } from "./sender-name.ts";

const ROOM_MAKERS: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "message",
  "undecryptable",
  "unsupported",
  "excluded",
  "call",
]);

export interface EventContextsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly archives: Archives;
  readonly portals: Portals;
  readonly ghosts: Ghosts;
  readonly admission: Pick<Admission, "admit">;
  readonly connections: Pick<Connections, "client">;
}

/** Who did something, as the room knows them, and the name they had then. */
interface Sender {
  readonly ghost: Ghost;
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
    this.#senders.clear();
    this.#used = [];
  }

  /** Undefined for news of a contact without a room, which alone is no reason to make one. */
  async of({ event, overdue, attempts }: NetworkInboxRow): Promise<NetworkEventContext | undefined> {
    const { store, homeserver, encoder, outbox, archives, ghosts } = this.#parts;
    const key = { login: this.#login.id, chat: event.chat };
    const name = nameIn(event);
    if (!overdue && !makesRoom(event) && !this.#open && !(await store.portals.byChat(key))?.room) {
      if (name !== undefined && (await store.ghosts.byPerson(this.#network.id, event.sender))) {
        await ghosts.ensure(this.#network, event.sender, name);
      }
      return undefined;
    }
    const bare = attempts + 1 >= this.#tries;
    const { open, ghost } = await this.#of(key, event.sender, name, bare);
    const { bot } = homeserver;
    return {
      ...open,
      ghost,
      login: this.#login,
      network: this.#network,
      bot,
      encoder,
      outbox,
      archives,
      contact: needsContact(event) ? await store.contacts.get(this.#login.id, event.sender) : undefined,
      ...(await historyOf(store, encoder, key, event)),
      reaction:
        event.kind === "reaction" ? await store.reactions.of(key, event.target, event.sender) : undefined,
      commandTarget: needsContact(event) ? await commandTarget(store, key) : "",
      undelivered: event.kind === "reachability" ? (await store.networkOutbox.listFailed(key)).length : 0,
      excluded: await this.#excluded(event),
    };
  }

  async #of(key: PortalKey, sender: PersonId, name: string | undefined, bare: boolean) {
    const { portals, ghosts, admission } = this.#parts;
    const before = this.#senders.get(sender);
    const renamed = name !== undefined && name !== before?.name;
    if (this.#open && before && !renamed) return { open: this.#open, ghost: before.ghost };
    const whose = { login: this.#login, network: this.#network };
    const known = this.#open ? chatOf(this.#open.portal) : await this.#chatOf(key, sender);
    const isContact = known.kind === "direct" && known.person === sender;
    if (!this.#open || isContact) {
      const chat = isContact ? { ...known, name } : known;
      this.#open = await portals.ensure({ ...whose, key, chat, bare });
      this.#used = [...this.#used, this.#open.portal];
    }
    const open = this.#open;
    const contact = isContact ? open.profile.contact : undefined;
    const ghost = contact ?? (await ghosts.ensure(this.#network, sender, name, bare));
    if (!contact) await admission.admit(open.portal.room, ghost.user);
    this.#senders.set(sender, { ghost, name });
    return { open, ghost };
  }

  /** What a chat is; of one that is new here the network is asked. */
  async #chatOf(key: PortalKey, sender: PersonId): Promise<WantedChat> {
    const { store, connections } = this.#parts;
    const portal = await store.portals.byChat(key);
    if (portal) return chatOf(portal);
    const direct = { kind: "direct", person: sender, name: undefined } as const;
    if (this.#network.groups !== true) return direct;
    const client = connections.client(key.login);
    if (!client?.chatInfo) {
      const words = `${this.#network.name} is not connected, so it cannot be asked what the chat is.`;
      throw new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 0 });
    }
    const info = await client.chatInfo(key.chat);
    return info.kind === "group" ? { kind: "group", info } : { ...direct, person: info.person };
  }

  /** Whether this kind of thing was told of in this chat before. */
  async #excluded(event: RemoteEvent): Promise<NetworkEventContext["excluded"]> {
    if (event.kind !== "excluded") return { before: true, record() {} };
    const scope = `login/${this.#login.id}/excluded`;
    const name = `${event.chat} ${event.what}`;
    const before = (await this.#parts.store.records.get(scope, name)) !== undefined;
    return { before, record: (tx) => tx.records.set(scope, name, "told") };
  }
}

const needsContact = ({ kind }: RemoteEvent): boolean =>
  kind === "identity-changed" || kind === "reachability";

const makesRoom = ({ kind }: RemoteEvent): boolean => ROOM_MAKERS.has(kind);
