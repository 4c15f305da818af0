import type { Connections } from "./connections.ts";
import type { MatrixSignal } from "./events.ts";
import type { RoomId, UserId } from "./ids.ts";
import { faultOf, type Log } from "./log.ts";
import type { Store } from "./store.ts";

/** Scope of the records of people who keep to themselves what they read. */
export const NO_READ_RECEIPTS = "no-read-receipts";

/** Tells networks what people are doing: typing, and having read. Best effort, nothing is stored. */
export class PersonSignals {
  readonly #store: Store;
  readonly #connections: Connections;
  readonly #log: Log;
  readonly #typing = new Map<RoomId, ReadonlySet<UserId>>();

  constructor(store: Store, connections: Connections, log: Log) {
    this.#store = store;
    this.#connections = connections;
    this.#log = log;
  }

  take(signals: readonly MatrixSignal[]): void {
    for (const signal of signals) {
      const told = signal.kind === "typing" ? this.#typed(signal) : this.#read(signal);
      told.catch((error: unknown) => this.#log.debug("a signal was not passed on", faultOf(error)));
    }
  }

  async #typed({ room, users }: Extract<MatrixSignal, { kind: "typing" }>): Promise<void> {
    const before = this.#typing.get(room) ?? new Set();
    const now = new Set(users);
    if (now.size === 0) this.#typing.delete(room);
    else this.#typing.set(room, now);
    const scene = await this.#scene(room);
    if (!scene?.client?.capabilities.typing) return;
    const { portal, login, client } = scene;
    const active = now.has(login.user);
    if (active || before.has(login.user)) client.setTyping?.(portal.chat, active, false);
  }

  async #read({ room, event, user }: Extract<MatrixSignal, { kind: "receipt" }>): Promise<void> {
    const scene = await this.#scene(room);
    if (!scene?.client?.capabilities.receipts || scene.login.user !== user) return;
    if ((await this.#store.records.get(NO_READ_RECEIPTS, user)) !== undefined) return;
    const message = await this.#store.messages.byEvent(room, event);
    if (message?.sender === undefined) return;
    scene.client.markRead?.(scene.portal.chat, message.sender, [message.id], "read");
  }

  async #scene(room: RoomId) {
    const portal = await this.#store.portals.byRoom(room);
    const login = portal && (await this.#store.logins.get(portal.login));
    if (!portal || !login) return undefined;
    return { portal, login, client: this.#connections.client(login.id) };
  }
}
