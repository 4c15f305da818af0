import { BridgeError } from "../model/errors.ts";
import type { NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Ghost } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Ghosts } from "./ghosts.ts";

/** The pause in milliseconds between two profiles, to spare the homeserver; and after an outage. */
const PAUSE = 250;
const OUTAGE_PAUSE = 30_000;

interface ProfileRefreshParts {
  readonly store: Store;
  readonly ghosts: Ghosts;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly clock: Clock;
  readonly log: Log;
}

/** After a start, gives ghosts of an older version or another template their current profile. */
export class ProfileRefresh implements Disposable {
  readonly #parts: ProfileRefreshParts;
  #endPause = (): void => {};
  #closed = false;

  constructor(parts: ProfileRefreshParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { store, networks, ghosts } = this.#parts;
    for (const ghost of await store.ghosts.all()) {
      const network = networks.get(ghost.network);
      if (!network || ghost.profile !== "named" || ghosts.isProfileCurrent(ghost, network)) continue;
      while (!this.#closed && !(await this.#refresh(ghost, network))) await this.#pause(OUTAGE_PAUSE);
      if (this.#closed) return;
      await this.#pause(PAUSE);
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#endPause();
  }

  /** False where it must be tried again. */
  async #refresh({ person }: Ghost, network: Network): Promise<boolean> {
    try {
      await this.#parts.ghosts.ensure(network, person, undefined);
    } catch (error) {
      this.#parts.log.info("a contact's name was not put right", { network: network.id, ...faultOf(error) });
      return !BridgeError.from(error).outage;
    }
    return true;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
