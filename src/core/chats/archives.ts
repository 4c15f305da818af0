import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { MatrixOutboxRow, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Spaces } from "./spaces.ts";

/** Types of rows that are acts on the room, in their place behind what was to be sent before. */
const ARCHIVE = "thirdpartychats.archive";
const REOPEN = "thirdpartychats.reopen";
const PART = "thirdpartychats.part";

/** Whether a row stands for an act on its room, and not for an event. */
export const isAct = ({ type }: Pick<MatrixOutboxRow, "type">): boolean =>
  type === ARCHIVE || type === REOPEN || type === PART;

/** Makes portals read-only and writable again: history stays, and the room says why. */
export class Archives {
  readonly #store: Pick<Store, "portals" | "logins">;
  readonly #homeserver: Homeserver;
  readonly #encoder: MatrixEncoder;
  readonly #outbox: OutboxRows;
  readonly #inboxes: Pick<Spaces, "setAside">;

  constructor(
    store: Pick<Store, "portals" | "logins">,
    homeserver: Homeserver,
    encoder: MatrixEncoder,
    outbox: OutboxRows,
    inboxes: Pick<Spaces, "setAside">,
  ) {
    this.#inboxes = inboxes;
    this.#store = store;
    this.#homeserver = homeserver;
    this.#encoder = encoder;
    this.#outbox = outbox;
  }

  /** Queues it behind everything the room still gets; a portal without a room has nothing to keep. */
  async close(portal: Portal, words: string): Promise<(tx: Writes) => void> {
    if (portal.room === undefined || portal.state === "archived") return () => {};
    const rows = (await this.#isShared(portal))
      ? [
          this.#act(portal.room, PART, {
            login: portal.login,
            reason: words,
            user: await this.#userOf(portal),
          }),
        ]
      : this.#rows(portal.room, words, ARCHIVE);
    return (tx) => {
      tx.portals.setState(portal, "archived");
      for (const row of rows) tx.matrixOutbox.add(row);
    };
  }

  /** Where others go on in the room, it is not closed: who is back is asked in with the next message. */
  async reopen(portal: Portal, words: string): Promise<(tx: Writes) => void> {
    if (portal.room === undefined || portal.state !== "archived") return () => {};
    const rows = (await this.#isShared(portal)) ? [] : this.#rows(portal.room, words, REOPEN);
    return (tx) => {
      tx.portals.setState(portal, "open");
      for (const row of rows.toReversed()) tx.matrixOutbox.add(row);
    };
  }

  /** What came before the end and was not shown by then: the room is opened for it and closed behind it. */
  late(room: RoomId, record: (tx: Writes) => void): (tx: Writes) => void {
    const [open, close] = [this.#act(room, REOPEN), this.#act(room, ARCHIVE)];
    return (tx) => {
      tx.matrixOutbox.add(open);
      record(tx);
      tx.matrixOutbox.add(close);
    };
  }

  /** Does what a row of these types stands for; false for any other row. */
  async perform({ type, room, content }: MatrixOutboxRow): Promise<boolean> {
    if (type === PART) await this.#part(room, content);
    else if (type === ARCHIVE) await this.#archive(room);
    else if (type === REOPEN) await this.#reopen(room);
    else return false;
    return true;
  }

  #rows(room: RoomId, words: string, type: string) {
    const notice = this.#outbox.row(room, this.#homeserver.bot, this.#encoder.notice(words));
    return [notice, this.#act(room, type)];
  }

  #act(room: RoomId, type: string, content: MatrixOutboxRow["content"] = {}) {
    return this.#outbox.row(room, this.#homeserver.bot, { type, content });
  }

  /** Whether others of our people go on in the room of a group. */
  async #isShared({ login, room }: Portal): Promise<boolean> {
    const all = room === undefined ? [] : await this.#store.portals.ofRoom(room);
    return all.some((other) => other.login !== login && other.state !== "archived");
  }

  async #userOf({ login }: Portal): Promise<UserId | undefined> {
    return (await this.#store.logins.get(login))?.user;
  }

  /** Of a room that others go on in its person is taken out, unless they are back by then; where none is left, it is closed. */
  async #part(room: RoomId, { user, reason }: MatrixOutboxRow["content"]): Promise<void> {
    if (typeof user !== "string") return;
    const portals = await this.#store.portals.ofRoom(room);
    if (portals.every(({ state }) => state === "archived")) return this.#archive(room);
    const theirs = await this.#store.portals.inRoom(room, user as UserId);
    if (theirs && theirs.state !== "archived") return;
    await this.#homeserver.putOut(room, user as UserId, String(reason));
  }

  /** It may have been reopened since the row was queued. */
  async #archive(room: RoomId): Promise<void> {
    // The first is an open one, where there is any.
    const [portal] = await this.#store.portals.ofRoom(room);
    if (portal?.state !== "archived") return;
    await this.#homeserver.archiveRoom(room);
    await this.#inboxes.setAside(room, true);
  }

  async #reopen(room: RoomId): Promise<void> {
    await this.#homeserver.reopenRoom(room);
    await this.#inboxes.setAside(room, false);
  }
}
