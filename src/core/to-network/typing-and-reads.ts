import type { Connections } from "../chats/connections.ts";
import { isRequest } from "../chats/requests.ts";
import type { MatrixSignal } from "../model/events.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { ReadMarks } from "./read-marks.ts";

/** Tells networks that people are typing or have read. Best effort: nothing is stored but how far they have read. */
export class TypingAndReads {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #readMarks: ReadMarks;
  readonly #log: Log;
  readonly #typing = new Map<RoomId, ReadonlySet<UserId>>();

  constructor(store: Store, connections: Connections, readMarks: ReadMarks, log: Log) {
    this.#store = store;
    this.#connections = connections;
    this.#readMarks = readMarks;
    this.#log = log;
  }

  take(signals: readonly MatrixSignal[]): void {
    for (const signal of signals) {
      const told = signal.kind === "typing" ? this.#typed(signal) : this.#readMarks.take(signal);
      told.catch((error: unknown) => this.#log.debug("a signal was not passed on", faultOf(error)));
    }
  }

  async #typed({ room, users }: Extract<MatrixSignal, { kind: "typing" }>): Promise<void> {
    const before = this.#typing.get(room) ?? new Set();
    const now = new Set(users);
    if (now.size === 0) this.#typing.delete(room);
    else this.#typing.set(room, now);
    for (const user of new Set([...before, ...now])) {
      const portal = await this.#store.portals.inRoom(room, user);
      if (!portal || (await isRequest(this.#store, portal))) continue;
      const client = this.#connections.client(portal.login);
      if (client?.capabilities(portal.chat).typing) client.setTyping?.(portal.chat, now.has(user), false);
    }
  }
}
