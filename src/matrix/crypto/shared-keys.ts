import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { SessionPlace } from "./message-index.ts";

/** After so many messages the library wants another session for a room, and panics where it is not made. */
export const MOST_MESSAGES = 100;
/** The same, for the age of a session in milliseconds. */
export const LONGEST_LIFE = 7 * 86_400_000;
/** Sooner than {@link LONGEST_LIFE} by more than the making and the use of a session can be apart. */
const SURE_LIFE = LONGEST_LIFE - 3_600_000;

interface Shared {
  readonly people: string;
  readonly session: string;
  /** When the session was begun, in milliseconds since the epoch; undefined where that was before this was watched. */
  readonly since: number | undefined;
  /** How many messages it has. */
  readonly messages: number;
}

/**
 * Which rooms' sessions can go on without asking who needs their key, which takes the library some 10 ms: as long as
 * neither the people of the room nor anybody's devices change, and the session is not at its end.
 */
export class SharedKeys {
  readonly #rooms = new Map<RoomId, Shared>();
  #changed = new Set<string>();
  #left = new Set<string>();

  /** To be called when the devices of these may have changed, or nobody tells of those of these any more. */
  devicesChanged(changed: readonly string[], left: readonly string[]): void {
    for (const user of changed) this.#changed.add(user);
    for (const user of left) this.#left.add(user);
    this.#rooms.clear();
  }

  /** Whose devices may have changed since this was asked for the last time. */
  takeChanged(): { readonly changed: readonly string[]; readonly left: readonly string[] } | undefined {
    if (this.#changed.size === 0 && this.#left.size === 0) return undefined;
    const taken = { changed: Array.from(this.#changed), left: Array.from(this.#left) };
    this.#changed = new Set();
    this.#left = new Set();
    return taken;
  }

  /** Whether everybody in the room has the key of the session that is in use, and one more message may be its. */
  covers(room: RoomId, people: readonly UserId[], now: number): boolean {
    const shared = this.#rooms.get(room);
    if (shared?.since === undefined || shared.people !== nameOf(people)) return false;
    const age = now - shared.since;
    return age >= 0 && age < SURE_LIFE && shared.messages < MOST_MESSAGES;
  }

  /** To be called when a message was encrypted for these people. */
  used(
    { room, people }: { readonly room: RoomId; readonly people: readonly UserId[] },
    { session, position }: SessionPlace,
    now: number,
  ): void {
    const before = this.#rooms.get(room);
    const known = before?.session === session ? before.since : undefined;
    const since = position === 0 ? now : known;
    this.#rooms.set(room, { people: nameOf(people), session, since, messages: position + 1 });
  }
}

const nameOf = (people: readonly UserId[]): string => people.toSorted().join(" ");
