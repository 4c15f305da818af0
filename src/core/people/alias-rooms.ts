import { roomLink } from "../chats/carrying.ts";
import type { ChatStarter } from "../chats/chat-starter.ts";
import type { Connections } from "../chats/connections.ts";
import type { Contacts } from "../chats/contacts.ts";
import type { OpenPortal } from "../chats/portals.ts";
import { BridgeError, type Reason } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { NetworkId, RoomId, UserId } from "../model/ids.ts";
import { cleanName } from "../model/names.ts";
import { reachabilityWords } from "../model/reachability-text.ts";
import type { Access } from "../ports/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Tell } from "../runtime/tell.ts";
import { type Addressed, addressIn, spellings } from "./chat-address.ts";
import { connectedSoon } from "./connected-soon.ts";

/** Milliseconds for which a room waits for somebody to join it. */
const OPEN_FOR = 60_000;
/** The most rooms that wait at once: whoever can ask for an alias can have one made, and most do not join. */
const MOST_OPEN = 5;
/** The scope of the rooms that wait, by key. */
const SCOPE = "alias-rooms";
/** Reasons for which the join is handled again later. */
const LATER: ReadonlySet<Reason> = new Set(["stopping", "storage", "homeserver-unreachable"]);

interface AliasRoomsParts {
  readonly store: Store;
  readonly homeserver: Pick<
    Homeserver,
    "bot" | "serverName" | "createRoom" | "removeAlias" | "members" | "putOut" | "leave"
  >;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly access: Access;
  readonly connections: Connections;
  readonly contacts: Pick<Contacts, "called">;
  readonly chatStarter: Pick<ChatStarter, "start" | "openAgain">;
  readonly tell: Tell;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
}

interface Waiting extends Addressed {
  readonly key: string;
  readonly room: RoomId;
}

/**
 * Starts chats by an alias, `#_tpc_whatsapp_31612345678:example.org`. The homeserver asks for one without naming who
 * wants it, so nothing is asked at a network then: the bot makes a room under the alias, and whoever joins it is told
 * where the chat is, or why there is none. They are put out of the room, and the next one gets another.
 */
export class AliasRooms implements Disposable {
  readonly #parts: AliasRoomsParts;
  readonly #serial = new SerialByKey();
  readonly #waiting = new Map<string, Waiting>();
  readonly #timers = new Map<string, () => void>();
  #making = 0;
  #closed = false;

  constructor(parts: AliasRoomsParts) {
    this.#parts = parts;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
  }

  /** Closes the rooms that waited when the bridge ended. */
  async resume(): Promise<void> {
    for (const { name: key } of await this.#parts.store.records.all(SCOPE)) {
      const address = addressIn(key, this.#parts.networks);
      await this.#serial.run(key, async () => {
        try {
          // The room that was made, or one in its place, if the bridge ended before it was.
          await this.#close({ key, ...address, room: await this.#make(key) });
        } catch (error) {
          this.#parts.log.info("a room of an alias is still there", faultOf(error));
        }
      });
    }
  }

  /** Whether there is a room under the alias of this key now; makes one. Throws BridgeError. */
  queried(key: string): Promise<boolean> {
    const address = addressIn(key, this.#parts.networks);
    if (!address || this.#closed) return Promise.resolve(false);
    return this.#serial.run(key, async () => {
      if (this.#waiting.has(key)) return true;
      if (this.#waiting.size + this.#making >= MOST_OPEN) return false;
      this.#making += 1;
      try {
        const { store } = this.#parts;
        // Stored first, so that no room is left behind.
        await store.write((tx) => tx.records.set(SCOPE, key, ""));
        const waiting = { ...address, key, room: await this.#make(key) };
        this.#waiting.set(key, waiting);
        this.#closeLater(waiting);
        return true;
      } finally {
        this.#making -= 1;
      }
    });
  }

  /** Whether the event is somebody's join of a room that waited, which is then answered. */
  async answer({ user, room, membership }: Extract<MatrixEvent, { kind: "member" }>): Promise<boolean> {
    const waiting = Array.from(this.#waiting.values()).find((one) => one.room === room);
    if (!waiting || membership !== "join") return false;
    await this.#serial.run(waiting.key, async () => {
      if (this.#waiting.get(waiting.key) !== waiting) return;
      const { homeserver, access, tell } = this.#parts;
      // From here on the next one gets a room of their own.
      await homeserver.removeAlias(waiting.key);
      const isAllowed = access.levelOf(user) !== "none";
      if (isAllowed) await tell(user, await this.#opened(user, waiting));
      const why = isAllowed
        ? `The answer is in your chat with ${homeserver.bot}.`
        : "You are not allowed to use this bridge. Ask the administrator of your server.";
      await this.#close(waiting, { user, why });
    });
    return true;
  }

  #make(key: string): Promise<RoomId> {
    const name = "This room leads to a chat";
    return this.#parts.homeserver.createRoom({ key, name, direct: false, kind: "alias", state: [] });
  }

  #closeLater(waiting: Waiting): void {
    if (this.#closed) return;
    const close = async (): Promise<void> => {
      try {
        await this.#serial.run(waiting.key, async () => {
          // Somebody may have been answered just then.
          if (this.#waiting.get(waiting.key) === waiting) await this.#close(waiting);
        });
      } catch (error) {
        this.#parts.log.info("a room of an alias is still there", faultOf(error));
        this.#closeLater(waiting);
      }
    };
    this.#timers.set(
      waiting.key,
      this.#parts.clock.after(OPEN_FOR, () => void close()),
    );
  }

  /** @param answered who was told, and what they are put out with: whoever else is there sees that, too. */
  async #close(
    { key, room }: Pick<Waiting, "key" | "room">,
    answered?: { readonly user: UserId; readonly why: string },
  ): Promise<void> {
    const { store, homeserver } = this.#parts;
    if (this.#waiting.has(key) && this.#waiting.get(key)?.room !== room) return;
    await homeserver.removeAlias(key);
    for (const member of await homeserver.members(room))
      if (member !== homeserver.bot) {
        const why = member === answered?.user ? answered.why : "Please open the address once more.";
        await homeserver.putOut(room, member, why);
      }
    await homeserver.leave(homeserver.bot, room);
    await store.write((tx) => tx.records.remove(SCOPE, key));
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    this.#waiting.delete(key);
  }

  /** Opens the chat for who joined; answers where it is, or why there is none. */
  async #opened(user: UserId, { network, query }: Waiting): Promise<string> {
    const { store, homeserver, connections } = this.#parts;
    const byHand = `“start-chat ${network.id} …” to ${homeserver.bot} with ${network.addressing}`;
    const logins = await store.logins.of(user, network.id);
    const [login, ...others] = logins.filter(({ state }) => state === "active");
    if (!login)
      return `${network.name} is off for you. Write “enable ${network.id}” to ${homeserver.bot} first, and open the address once more.`;
    if (others.length > 0)
      return `You have several accounts on ${network.name}. Write ${byHand} to say which one the chat is for.`;
    if (connections.state(login.id).kind === "connecting") await connectedSoon(login.id, this.#parts);
    try {
      return await this.#find(login, network, query, byHand);
    } catch (error) {
      const { reason, words } = BridgeError.from(error);
      if (LATER.has(reason)) throw error;
      return words;
    }
  }

  async #find(login: Login, network: Network, query: string, byHand: string): Promise<string> {
    const { contacts, chatStarter } = this.#parts;
    let nobody = "";
    for (const typed of spellings(query)) {
      const [one, ...more] = await contacts.called(login, network, typed);
      if (more.length > 0) return `Several of your contacts are called that. Write ${byHand}.`;
      if (one) return this.#where(await chatStarter.openAgain(login, network, one.portal));
      const started = await chatStarter.start(login, network, typed);
      if (started.kind === "started") return this.#where(started.open);
      if (started.kind === "not-reachable") {
        const { reachability, name } = started.contact;
        return reachabilityWords(reachability, cleanName(name, "This contact"), network);
      }
      nobody ||= started.words;
    }
    return nobody;
  }

  #where({ profile, portal }: OpenPortal): string {
    const { serverName } = this.#parts.homeserver;
    return `The chat with ${profile.name} is open. Go on there: ${roomLink(portal.room, serverName)}`;
  }
}
