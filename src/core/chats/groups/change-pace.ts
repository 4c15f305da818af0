import type { RoomId } from "../../model/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import { TokenBuckets } from "../../runtime/token-buckets.ts";

/** So many changes of a group are told each by itself; then one, or the sum of all since, every 10 seconds. */
const CHANGES = { burst: 20, every: 10_000 };

interface ChangePaceParts {
  readonly store: Pick<Store, "portals">;
  readonly clock: Pick<Clock, "now">;
}

type SharingPortal = Pick<GroupPortal, "login" | "chat">;

/** Decides which changes of a group its room is told of at once, and which later, as one of many. */
export class ChangePace {
  readonly #parts: ChangePaceParts;
  readonly #buckets = new TokenBuckets(CHANGES);

  constructor(parts: ChangePaceParts) {
    this.#parts = parts;
  }

  /**
   * The group, as all have it who share its room, where a change is to be told later; undefined where it is told at
   * once. Behind one that is told later no other goes first. `silent`: the change needs no words.
   */
  async later(room: RoomId, silent: boolean): Promise<readonly SharingPortal[] | undefined> {
    const { store, clock } = this.#parts;
    const sharing = (await store.portals.ofRoom(room)).filter(
      (portal) => portal.kind === "group" && portal.state !== "archived",
    );
    const waits = sharing.some((portal) => portal.kind === "group" && portal.untold !== undefined);
    if (!waits && (silent || this.#buckets.take(room, clock.now()) === 0)) return undefined;
    return sharing;
  }

  /** The milliseconds until a room may be told of the changes that it was not told of; where they are 0, it is. */
  until(room: RoomId): number {
    return this.#buckets.take(room, this.#parts.clock.now());
  }
}
