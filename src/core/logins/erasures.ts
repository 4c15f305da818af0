import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Logins } from "./logins.ts";

interface ErasuresParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly logins: Pick<Logins, "disable">;
  /** What is kept of people in memory. */
  readonly statuses: { forget(user: UserId): void };
  readonly clock: Clock;
  readonly log: Log;
}

/** The scope of the records of people who asked for it: their logins as a JSON list. */
const SCOPE = "erasing";
/** Milliseconds until it is looked again whether all is done that must be before. */
const AGAIN = 5_000;

/**
 * Deletes all that is stored about people who ask for it: their networks are turned off, their chats closed, and when
 * the rooms were told so, every row goes, across restarts. What a network has not confirmed to have deleted keeps its
 * login until it does.
 */
export class Erasures implements Disposable {
  readonly #parts: ErasuresParts;
  readonly #waiting = new Map<UserId, () => void>();
  readonly #serial = new SerialByKey();
  #disposed = false;

  constructor(parts: ErasuresParts) {
    this.#parts = parts;
  }

  /** Goes on with what was begun before. */
  async resume(): Promise<void> {
    for (const { name } of await this.#parts.store.records.all(SCOPE)) this.#later(name as UserId, AGAIN);
  }

  /** Begins; answers the names of the networks that did not confirm yet that they deleted the registration. */
  async begin(user: UserId): Promise<readonly string[]> {
    const { store, networks, log } = this.#parts;
    const logins = (await store.logins.all()).filter((login) => login.user === user);
    const before = await this.#loginsOf(user);
    const all = [...new Set([...before, ...logins.map(({ id }) => id)])];
    await store.write((tx) => tx.records.set(SCOPE, user, JSON.stringify(all)));
    log.info("a person's data is deleted", { user, logins: all.length });
    const unconfirmed: string[] = [];
    for (const login of logins) {
      const network = networks.get(login.network);
      if (!network) continue;
      const why =
        "Its person had their data deleted from this bridge, so this chat is closed. Its history stays here.";
      if ((await this.#parts.logins.disable(login, network, why)) === "later") unconfirmed.push(network.name);
    }
    this.#later(user, AGAIN);
    return [...new Set(unconfirmed)];
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const cancel of this.#waiting.values()) cancel();
  }

  #later(user: UserId, wait: number): void {
    if (this.#disposed) return;
    this.#waiting.get(user)?.();
    const look = (): void => {
      this.#waiting.delete(user);
      void this.#serial.run(user, () => this.#finish(user));
    };
    this.#waiting.set(user, this.#parts.clock.after(wait, look));
  }

  async #finish(user: UserId): Promise<void> {
    const { store, statuses, log } = this.#parts;
    try {
      if ((await store.records.get(SCOPE, user)) === undefined) return;
      const logins = await this.#loginsOf(user);
      if (!(await this.#isLeft(logins)) || (await store.personData.unfinished(user, logins)) > 0) {
        return this.#later(user, AGAIN);
      }
      // Who has turned a network on again since keeps what belongs to that.
      const isBack = (await store.logins.all()).some((login) => login.user === user);
      await store.write((tx) => {
        tx.personData.forget(isBack ? undefined : user, logins);
        tx.records.remove(SCOPE, user);
      });
      if (!isBack) statuses.forget(user);
      log.info("a person's data was deleted");
    } catch (error) {
      log.warn("a person's data is not deleted yet", faultOf(error));
      this.#later(user, AGAIN);
    }
  }

  /** Whether the logins are gone, but for those of networks that nobody can ask any more. */
  async #isLeft(ids: readonly LoginId[]): Promise<boolean> {
    const { store, networks } = this.#parts;
    for (const id of ids) {
      const login = await store.logins.get(id);
      if (!login) continue;
      if (networks.has(login.network)) return false;
      await store.write((tx) => tx.logins.remove(id));
    }
    return true;
  }

  async #loginsOf(user: UserId): Promise<readonly LoginId[]> {
    const kept: unknown = JSON.parse((await this.#parts.store.records.get(SCOPE, user)) ?? "[]");
    return Array.isArray(kept) ? kept.map((id) => String(id) as LoginId) : [];
  }
}
