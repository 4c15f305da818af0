import type { RoomId, UserId } from "../model/ids.ts";
import type { Portal } from "../ports/rows.ts";
import { type EventContextsParts, eventContextOf } from "./event-contexts.ts";

/** The event contexts of a room, by the person who acts: people who share it have portals of their own. */
export class RoomContexts {
  readonly #parts: EventContextsParts;
  readonly #room: RoomId;
  readonly #portals: readonly Portal[];
  readonly #contexts = new Map<UserId, Promise<RoomContext>>();

  constructor(parts: EventContextsParts, room: RoomId, portals: readonly Portal[]) {
    this.#parts = parts;
    this.#room = room;
    this.#portals = portals;
  }

  /** For a person without a portal of their own it is the first portal's. */
  of(user: UserId): Promise<RoomContext> {
    const cached = this.#contexts.get(user) ?? this.#of(user);
    this.#contexts.set(user, cached);
    return cached;
  }

  async #of(user: UserId): Promise<RoomContext> {
    const [first] = this.#portals;
    const theirs =
      this.#portals.length > 1 ? await this.#parts.store.portals.inRoom(this.#room, user) : first;
    const portal = theirs ?? first;
    if (!portal) throw new Error("a room of no chat");
    return { portal, context: await eventContextOf(this.#parts, { ...portal, room: this.#room }) };
  }
}

interface RoomContext {
  readonly portal: Portal;
  readonly context: Awaited<ReturnType<typeof eventContextOf>>;
}
