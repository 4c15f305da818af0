import { isAct } from "../chats/archives.ts";
import { nameOf } from "../chats/chat-profiles.ts";
import type { Connections } from "../chats/connections.ts";
import { isExpiry } from "../expiries/expiries.ts";
import type { Notices } from "../management/notices.ts";
import { BridgeError } from "../model/errors.ts";
import type { EventId, LoginId, MessageId, RoomId } from "../model/ids.ts";
import { type Clock, secondsSince } from "../ports/clock.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Network } from "../ports/network.ts";
import type {
  DamagedMatrixOutboxRow,
  Login,
  MatrixOutboxRow,
  MessageLink,
  NetworkInboxRow,
  Portal,
} from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { type GivenUp, UNREADABLE } from "../runtime/put-aside.ts";
import type { Tell } from "../runtime/tell.ts";
import { sharedGroup } from "./shared/shared-events.ts";

interface AfterSendParts {
  readonly store: Store;
  readonly connections: Connections;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly networks: ReadonlyMap<string, Network>;
  readonly log: Log;
  readonly tell: Tell;
  readonly tellElsewhere: Notices["tellElsewhere"];
}

const NOT_LINKED_WORDS =
  "This is shown, but the bridge could not keep which message of the contact it is: changes of it may not be shown here, " +
  "and what you answer or do to it may not reach them.";

/** An ended row, as far as it could be read. */
type EndedRow = Pick<MatrixOutboxRow, "id" | "room" | "sender" | "type"> &
  Partial<Pick<MatrixOutboxRow, "link" | "content">> & {
    readonly message: MessageId | undefined;
    /** Whose it is, where several logins have the room. */
    readonly login?: LoginId | undefined;
  };

interface EndReason {
  readonly error: BridgeError;
  readonly reason?: string;
  readonly words: string;
  /** The event that the notice refers to. */
  readonly about?: EventId | undefined;
  readonly body: () => string;
}

/** Does what follows when a contact's message is in the room, or never will be. */
export class AfterSend {
  readonly #parts: AfterSendParts;

  constructor(parts: AfterSendParts) {
    this.#parts = parts;
  }

  /** Confirms the delivery of a message to the network, with its first part. */
  arrived({ link, createdAt }: MatrixOutboxRow): void {
    if (!link || link.part !== 0 || link.sender === undefined) return;
    const { connections, metrics, clock } = this.#parts;
    const network = connections.networkOf(link.login);
    if (network) {
      metrics.count("messages", { direction: "to-matrix", network, outcome: "crossed" });
      metrics.time("crossing_seconds", { direction: "to-matrix", network }, secondsSince(createdAt, clock));
    }
    connections.client(link.login)?.markDelivered?.(link.chat, link.sender, [link.id]);
  }

  /** As {@link arrived}, for the other logins of a group's room that have got the message by now. */
  linked({ link }: Pick<MatrixOutboxRow, "link">): void {
    if (!link || link.part !== 0) return;
    const { connections, networks, log } = this.#parts;
    const id = connections.networkOf(link.login);
    if (id === undefined || networks.get(id)?.groups !== true) return;
    this.#tellOthers(link).catch((error: unknown) =>
      log.debug("a network was not told that a message was delivered", faultOf(error)),
    );
  }

  async #tellOthers({ login, chat, id, sender }: MessageLink): Promise<void> {
    const { store, connections } = this.#parts;
    const shared = await sharedGroup(store, { login, chat });
    for (const other of shared?.others ?? []) {
      const by = sender ?? shared?.portal.self ?? "";
      if (by === "" || by === other.self) continue;
      if (!(await store.networkInbox.hasTaken(other.login, { chat, sender: by, id }))) continue;
      connections.client(other.login)?.markDelivered?.(chat, by, [id]);
    }
  }

  /**
   * Handles a copy of a message at a login: its delivery is confirmed at once where the message is in the room, else
   * when it is.
   */
  async copied({ key, event }: Pick<NetworkInboxRow, "key" | "event">): Promise<void> {
    if (event.kind !== "message" || event.sender === undefined) return;
    const { store, connections } = this.#parts;
    if ((await store.messages.events(key, event.id)).length === 0) return;
    connections.client(key.login)?.markDelivered?.(key.chat, event.sender, [event.id]);
  }

  /** How a row ends that failed. `shown`: the event that it became, where that could not be stored. */
  givenUp(row: MatrixOutboxRow, error: BridgeError, shown: EventId | undefined): GivenUp {
    const body = (): string => JSON.stringify(row.content);
    const words = shown === undefined ? goneWords(row, error) : NOT_LINKED_WORDS;
    const login =
      row.attachment?.login ??
      row.link?.login ??
      (row.target?.kind === "message" ? row.target.login : undefined);
    return this.#ended({ ...row, message: row.link?.id, login }, { error, words, about: shown, body });
  }

  /** How a damaged row ends. */
  unreadable(row: DamagedMatrixOutboxRow): GivenUp {
    const error = new BridgeError("internal", { words: "", certain: true });
    return this.#ended(row, {
      error,
      reason: UNREADABLE,
      words: goneWords(row, error),
      body: () => row.body,
    });
  }

  #ended(row: EndedRow, { error, reason = error.reason, words, about, body }: EndReason): GivenUp {
    const { store, outbox, homeserver, encoder, connections } = this.#parts;
    const { id, room, sender, type, link, message } = row;
    const first = link !== undefined && link.part === 0 && link.sender !== undefined;
    return {
      direction: "to-matrix",
      reason,
      ids: { row: id, room },
      network: first && about === undefined ? connections.networkOf(link.login) : undefined,
      async deadLetter() {
        const all = await store.portals.ofRoom(room);
        const portal = all.find(({ login }) => login === row.login) ?? all[0];
        return {
          key: portal && { login: portal.login, chat: portal.chat },
          ref: message ?? id,
          body: body(),
        };
      },
      done: (tx) => tx.matrixOutbox.abandon(id),
      tell: async (ended) => {
        if (sender === homeserver.bot && !isAct({ type }) && !isExpiry(row)) {
          if (type === "m.room.message" && (await this.#tellElsewhere(room, error, ended))) return;
          return store.write(ended);
        }
        const notice = outbox.row(room, homeserver.bot, encoder.notice(words, about));
        await store.write((tx) => {
          ended(tx);
          tx.matrixOutbox.add(notice);
        });
      },
    };
  }

  /**
   * Tells those who have the room, each in their management room, where the bot cannot speak in the chat's; the last of
   * them in the commit that ends the row. False where there is nobody to tell.
   */
  async #tellElsewhere(room: RoomId, { shut }: BridgeError, ended: (tx: Writes) => void): Promise<boolean> {
    const { store, tell } = this.#parts;
    const all = await store.portals.ofRoom(room);
    const open = all.filter(({ state }) => state !== "archived");
    const told = new Map<Login, Portal>();
    for (const portal of open.length > 0 ? open : all.slice(0, 1)) {
      const login = await store.logins.get(portal.login);
      if (login) told.set(login, portal);
    }
    if (told.size === 0) return shut && this.#moveManagementRoom(room, ended);
    const why = shut ? "does not allow it" : "fails on it";
    const notices = Array.from(told, async ([{ user }, portal]) => {
      const name = await nameOf(store, portal, "a contact");
      const what = `Something could not be shown in the room of your chat with ${name}, because the homeserver ${why}.`;
      return { user, words: `${what} Please look at it in the app it was sent to.` };
    });
    const [first, ...others] = await Promise.all(notices);
    for (const { user, words } of others) await tell(user, words);
    if (first) await tell(first.user, first.words, ended);
    return true;
  }

  /** Says everything queued for a lost management room in a new one. */
  async #moveManagementRoom(room: RoomId, ended: (tx: Writes) => void): Promise<boolean> {
    const { store, tellElsewhere } = this.#parts;
    const owner = await store.rooms.owner(room);
    if (owner === undefined) return false;
    const rows = await store.matrixOutbox.next(room, await store.matrixOutbox.count(), Infinity);
    const words = rows.map(({ content }) => content["body"]).filter((body) => typeof body === "string");
    await tellElsewhere(owner, words, (tx) => {
      ended(tx);
      for (const { id } of rows) tx.matrixOutbox.abandon(id);
    });
    return true;
  }
}

/** The notice's words; they repeat the caption of a file that cannot be shown. */
function goneWords(
  { type, attachment, content = {} }: Pick<MatrixOutboxRow, "type"> & Partial<MatrixOutboxRow>,
  { words }: BridgeError,
): string {
  if (isAct({ type })) {
    return `This room could not be closed or opened for writing, as it says above. ${words} Please tell your administrator.`;
  }
  if (isExpiry({ content })) {
    return "A message of this chat was to be taken out of this room, which the homeserver refuses. You can remove it yourself in your client.";
  }
  if (!attachment) {
    return "A message of this chat could not be shown here. Please look at it in the app it was sent to.";
  }
  const { filename, body } = content;
  const hasCaption = typeof body === "string" && filename !== undefined && filename !== body;
  const caption = hasCaption ? ` It came with the words: ${body}` : "";
  return `A file of this chat could not be shown here. ${words} Please ask for it another way.${caption}`;
}
