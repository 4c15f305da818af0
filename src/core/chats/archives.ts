import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { MatrixOutboxRow, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { bridgedRoom } from "./bridged/bridged-rooms.ts";
import { commandTarget } from "./command-target.ts";
import { othersGoOn } from "./groups/shared-rooms.ts";
import type { Spaces } from "./spaces.ts";

/** Types of outbox rows that are acts on the room; an act takes its turn behind the events queued before it. */
const ARCHIVE = "thirdpartychats.archive";
const REOPEN = "thirdpartychats.reopen";
const PART = "thirdpartychats.part";

/** Whether a row is an act on its room, not an event. */
export const isAct = ({ type }: Pick<MatrixOutboxRow, "type">): boolean =>
  type === ARCHIVE || type === REOPEN || type === PART;

/** Makes portals read-only and writable again. The history stays, and the room says why. */
export class Archives {
  readonly #store: Pick<Store, "portals" | "logins" | "ghosts" | "records" | "write">;
  readonly #homeserver: Homeserver;
  readonly #encoder: MatrixEncoder;
  readonly #outbox: OutboxRows;
  readonly #spaces: Pick<Spaces, "setAside" | "part">;

  constructor(
    store: Pick<Store, "portals" | "logins" | "ghosts" | "records" | "write">,
    homeserver: Homeserver,
    encoder: MatrixEncoder,
    outbox: OutboxRows,
    spaces: Pick<Spaces, "setAside" | "part">,
  ) {
    this.#spaces = spaces;
    this.#store = store;
    this.#homeserver = homeserver;
    this.#encoder = encoder;
    this.#outbox = outbox;
  }

  /**
   * Returns the writes that archive a portal behind everything queued for its room; a portal without a room keeps
   * nothing. A room that others share is closed with the last of them; `forNow`: until then its person stays in it.
   */
  async close(portal: Portal, words: string, forNow = false): Promise<(tx: Writes) => void> {
    if (portal.room === undefined || portal.state === "archived") return () => {};
    const { room, login } = portal;
    const sharing = (await othersGoOn(this.#store, portal))
      ? (await this.#store.portals.ofRoom(room)).filter((other) => other.login !== login)
      : [];
    if (forNow && sharing.length > 0) return (tx) => tx.portals.setState(portal, "archived");
    const user = await this.#userOf(portal);
    const isPeoples = (await bridgedRoom(this.#store, room)) !== undefined;
    const rows = isPeoples
      ? [this.#says(room, await this.#wordsInTheirs(words, user, sharing))]
      : sharing.length > 0
        ? [this.#act(room, PART, { login, reason: words, user })]
        : this.#rows(room, words, ARCHIVE);
    return (tx) => {
      tx.portals.setState(portal, "archived");
      for (const row of rows) tx.matrixOutbox.add(row);
      // Who left stays in the room while another login has them as a member, which counts no more.
      for (const other of sharing) tx.portalMembers.doubtLeft(other, portal.login);
    };
  }

  /**
   * Returns the writes that reopen a portal. A shared room was not closed: its person is invited with the next message.
   */
  async reopen(portal: Portal, words: string): Promise<(tx: Writes) => void> {
    if (portal.room === undefined || portal.state !== "archived") return () => {};
    const rows = (await othersGoOn(this.#store, portal)) ? [] : this.#rows(portal.room, words, REOPEN);
    return (tx) => {
      tx.portals.setState(portal, "open");
      for (const row of rows.toReversed()) tx.matrixOutbox.add(row);
    };
  }

  /**
   * Returns the writes of `record` in an archived room, which is opened before and closed after: for messages from
   * before the end.
   */
  showInArchive(room: RoomId, record: (tx: Writes) => void): (tx: Writes) => void {
    const [open, close] = [this.#act(room, REOPEN), this.#act(room, ARCHIVE)];
    return (tx) => {
      tx.matrixOutbox.add(open);
      record(tx);
      tx.matrixOutbox.add(close);
    };
  }

  /** Performs a row's act; false for any other row. */
  async perform({ type, room, content }: MatrixOutboxRow): Promise<boolean> {
    if (type === PART) await this.#part(room, content);
    else if (type === ARCHIVE) await this.#archive(room);
    else if (type === REOPEN) await this.#reopen(room);
    else return false;
    return true;
  }

  #rows(room: RoomId, words: string, type: string) {
    return [this.#says(room, words), this.#act(room, type)];
  }

  #says(room: RoomId, words: string) {
    return this.#outbox.row(room, this.#homeserver.bot, this.#encoder.notice(words));
  }

  /** What is said at the end of a chat in a room that people made, in which they go on writing to each other. */
  async #wordsInTheirs(words: string, user: UserId | undefined, sharing: readonly Portal[]): Promise<string> {
    const [other] = sharing;
    if (other === undefined)
      return `${words} This room stays yours, to write to each other in. The users of this bridge stay in it, in case the chat goes on; where you do not want that, remove them and me.`;
    const target = await commandTarget(this.#store, other);
    return `${user}: ${words} This room was there before the chat, so you stay in it, and what others here write to the group and get from it stays to be read by all in this room. Where they do not want that, they write “unbridge ${target}” to me, in their own chat with me.`;
  }

  #act(room: RoomId, type: string, content: MatrixOutboxRow["content"] = {}) {
    return this.#outbox.row(room, this.#homeserver.bot, { type, content });
  }

  async #userOf({ login }: Portal): Promise<UserId | undefined> {
    return (await this.#store.logins.get(login))?.user;
  }

  /**
   * Removes the person from a room that others use, unless they are back in the group; a room that nobody uses is
   * archived, behind what the last of them said before they left too.
   */
  async #part(room: RoomId, { user, reason }: MatrixOutboxRow["content"]): Promise<void> {
    if (typeof user !== "string") return;
    const portals = await this.#store.portals.ofRoom(room);
    if (portals.every(({ state }) => state === "archived")) {
      const archive = this.#act(room, ARCHIVE);
      return this.#store.write((tx) => tx.matrixOutbox.add(archive));
    }
    const theirs = await this.#store.portals.inRoom(room, user as UserId);
    if (theirs && theirs.state !== "archived") return;
    const [portal] = portals;
    if (portal) await this.#spaces.part({ user: user as UserId, network: { id: portal.network }, room });
    await this.#homeserver.putOut(room, user as UserId, String(reason));
    // Whoever is back before the homeserver says that they are out is asked in again.
    if (theirs) await this.#store.write((tx) => tx.portals.setMember(theirs, "left"));
  }

  /** Archives the room, unless it was reopened since the row was queued. */
  async #archive(room: RoomId): Promise<void> {
    // An open portal comes first, where there is one.
    const [portal] = await this.#store.portals.ofRoom(room);
    if (portal?.state !== "archived") return;
    // In a room that people made they go on writing to each other.
    if (await bridgedRoom(this.#store, room)) return;
    await this.#homeserver.archiveRoom(room);
    await this.#spaces.setAside(room, true);
  }

  async #reopen(room: RoomId): Promise<void> {
    await this.#homeserver.reopenRoom(room);
    await this.#spaces.setAside(room, false);
  }
}
