import type { RoomId, UserId } from "../../model/ids.ts";

type Value = string | number | undefined;

/**
 * What the bridge itself last set in groups' rooms, in memory, so that it is not taken for somebody's change: it may land
 * behind a person's, of which it does not know yet. It is told before the request, which others may hear of before its
 * answer.
 */
export class OwnWrites {
  readonly #last = new Map<RoomId, Map<string, Value>>();
  readonly #powers = new Map<RoomId, ReadonlyMap<UserId, number>>();

  sets(room: RoomId, what: string, value: Value): void {
    const known = this.#last.get(room) ?? new Map<string, Value>();
    this.#last.set(room, known.set(what, value));
  }

  isOwn(room: RoomId, what: string, value: unknown): boolean {
    return value !== undefined && this.#last.get(room)?.get(what) === value;
  }

  /** `users`: of all others it takes whatever power they have. */
  setsPowers(room: RoomId, users: ReadonlyMap<UserId, number>): void {
    this.#powers.set(room, users);
  }

  isOwnPower(room: RoomId, user: UserId, level: unknown): boolean {
    const given = this.#powers.get(room);
    return given !== undefined && (given.get(user) ?? 0) === level;
  }
}

/** By what {@link OwnWrites} knows whether a user is in a room, and the room's picture. */
export const placeOf = (user: UserId): string => `place ${user}`;
export const PICTURE = "picture";
