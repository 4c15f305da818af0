import type { UserId } from "../../model/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Portal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import type { Tell } from "../../runtime/tell.ts";
import { nameOf } from "../chat-profiles.ts";
import { othersGoOn } from "./shared-rooms.ts";

interface OutsidersParts {
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  readonly tell: Tell;
}

const DAY = 86_400_000;

/** Tells whom a group is closed for, and its room, in which others go on, that nothing of theirs is sent to it. */
export class Outsiders {
  readonly #parts: OutsidersParts;

  constructor(parts: OutsidersParts) {
    this.#parts = parts;
  }

  /**
   * To be called before what they wrote ends as not sent: that is said in the room, which they may not read any more. Once
   * a chat and day.
   */
  async tell(portal: Portal | undefined, user: UserId): Promise<void> {
    const { store, clock, tell } = this.#parts;
    if (portal?.state !== "archived" || !(await othersGoOn(store, portal))) return;
    const { login, chat } = portal;
    if ((await store.logins.get(login))?.user !== user) return;
    const scope = `login/${login}/outsider`;
    if ((await store.records.get(scope, chat)) !== undefined) return;
    const words = `What you write in the room of ${await nameOf(store, portal)} is not sent, nor is what had not left yet: this chat is closed for you, and others here go on in its room.`;
    await tell(user, words, (tx) => tx.records.set(scope, chat, "told", clock.now() + DAY));
  }
}
