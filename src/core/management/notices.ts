import { BridgeError } from "../model/errors.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Tell } from "../runtime/tell.ts";
import type { Answer, Answers } from "./answers.ts";
import type { ManagementRooms } from "./management-rooms.ts";
import {
  forgetPendingNotices,
  keepPendingNotices,
  linesOf,
  pendingNoticesOf,
  withWords,
} from "./pending-notices.ts";

interface NoticesParts {
  readonly store: Store;
  readonly answers: Answers;
  readonly rooms: ManagementRooms;
  /** Taken by whoever does something about a person's room, under the person's name. */
  readonly turns: SerialByKey;
  readonly log: Log;
}

const nothing = () => {};

/** Says things to people in their management rooms; it needs nothing of the commands they can write there. */
export class Notices {
  readonly #parts: NoticesParts;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  /**
   * Says something to a person in their management room, which is made where there is none. Where none can be made
   * it is said when there is one. `also` is committed with it. Throws only in an outage.
   */
  readonly tell: Tell = (user, said, also = nothing) =>
    this.#parts.turns.take(user, () => this.#say(user, [said], also));

  /** As {@link tell}, where nothing waits for it: what could not be said is in the log. */
  readonly tellSoon = (user: UserId, said: string): void => {
    this.tell(user, said).catch(() => this.#parts.log.warn("a person could not be told", {}));
  };

  /** As {@link tell}, of what was to be said in a room that is no more. */
  readonly tellElsewhere = (
    user: UserId,
    said: readonly string[],
    also: (tx: Writes) => void,
  ): Promise<void> =>
    this.#parts.turns.take(user, async () => {
      const { store } = this.#parts;
      const untold = withWords(await pendingNoticesOf(store, user), said);
      const gone = await store.rooms.of(user);
      await store.write((tx) => {
        if (gone !== undefined) tx.rooms.remove(gone);
        keepPendingNotices(tx, user, untold);
        also(tx);
      });
      await this.#say(user, [], nothing);
    });

  /** What a command that took long has to say, in the room it came from, or where its person is to be found now. */
  answer(
    { user, room }: { readonly user: UserId; readonly room: RoomId },
    said: readonly Answer[],
    also: (tx: Writes) => void,
  ): Promise<void> {
    const { store, answers } = this.#parts;
    return this.#parts.turns.take(user, async () => {
      if ((await store.rooms.owner(room)) !== user || !(await this.#parts.rooms.stays(room, user))) {
        return this.#say(
          user,
          said.map((one) => (typeof one === "string" ? one : one.caption)),
          also,
        );
      }
      const rows = await answers.rows(room, said);
      await store.write((tx) => {
        for (const row of rows) tx.matrixOutbox.add(row);
        also(tx);
      });
    });
  }

  async #say(user: UserId, said: readonly string[], also: (tx: Writes) => void): Promise<void> {
    const { store, answers } = this.#parts;
    const all = withWords(await pendingNoticesOf(store, user), said);
    try {
      const room = await this.#parts.rooms.of(user);
      const rows = linesOf(all).map((one) => answers.notice(room, one));
      await store.write((tx) => {
        for (const row of rows) tx.matrixOutbox.add(row);
        forgetPendingNotices(tx, user);
        also(tx);
      });
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      await store.write((tx) => {
        keepPendingNotices(tx, user, all);
        also(tx);
      });
    }
  }
}
