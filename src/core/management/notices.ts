import { BridgeError } from "../model/errors.ts";
import type { UserId } from "../model/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Tell } from "../runtime/tell.ts";
import { type Answer, type Answers, wordsOf } from "./answers.ts";
import { askerOf } from "./command-runs.ts";
import type { ManagementRooms } from "./management-rooms.ts";
import {
  forgetPendingNotices,
  keepPendingNotices,
  linesOf,
  pendingNoticesOf,
  withWords,
} from "./pending-notices.ts";
import type { Questions } from "./questions.ts";

interface NoticesParts {
  readonly store: Store;
  readonly answers: Answers;
  readonly questions: Questions;
  readonly rooms: ManagementRooms;
  /** Runs everything that concerns a person's room one after the other, by user id. */
  readonly serial: SerialByKey;
  readonly log: Log;
}

const nothing = () => {};

/** Sends notices to people's management rooms. */
export class Notices {
  readonly #parts: NoticesParts;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  /**
   * Sends a notice to a person's management room, which is made where there is none; while none can be made, the notice
   * is pending. `also` is committed with it. Throws only in an outage.
   */
  readonly tell: Tell = (user, said, also = nothing) =>
    this.#parts.serial.run(user, () => this.#say(user, [said], also));

  /** Sends a notice without waiting; a failure is logged. */
  readonly tellSoon = (user: UserId, said: string): void => {
    this.tell(user, said).catch(() => this.#parts.log.warn("a person could not be told", {}));
  };

  /** Sends, to the person's next management room, what was queued for one that is gone. */
  readonly tellElsewhere = (
    user: UserId,
    said: readonly string[],
    also: (tx: Writes) => void,
  ): Promise<void> =>
    this.#parts.serial.run(user, async () => {
      const { store } = this.#parts;
      const pending = withWords(await pendingNoticesOf(store, user), said);
      const gone = await store.rooms.of(user);
      await store.write((tx) => {
        if (gone !== undefined) tx.rooms.remove(gone);
        keepPendingNotices(tx, user, pending);
        also(tx);
      });
      await this.#say(user, [], nothing);
    });

  /** Sends the answers of a long command to the room it came from, or to the person's present one. */
  answer(
    { user, room, amongOthers }: Parameters<typeof askerOf>[0],
    said: readonly Answer[],
    also: (tx: Writes) => void,
  ): Promise<void> {
    const { store, questions } = this.#parts;
    return this.#parts.serial.run(user, async () => {
      if (amongOthers) {
        const says = await questions.say(askerOf({ user, room, amongOthers }), room, said);
        return store.write((tx) => {
          says(tx);
          also(tx);
        });
      }
      if ((await store.rooms.owner(room)) !== user || !(await this.#parts.rooms.stays(room, user))) {
        return this.#say(user, said.map(wordsOf), also);
      }
      const says = await questions.say(user, room, said);
      await store.write((tx) => {
        says(tx);
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
