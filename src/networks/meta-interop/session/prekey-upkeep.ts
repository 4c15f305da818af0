import { faultOf } from "../../../core/ports/log.ts";
import type { Connection } from "../connection/connection.ts";
import { reconnectDelay } from "../connection/reconnect-delay.ts";
import type { LoginContext } from "./login-context.ts";
import { PreKeys } from "./prekeys.ts";

/** Keeps a login's prekeys from running out at the gatekeeper. */
export class PreKeyUpkeep {
  readonly #context: LoginContext;
  readonly #preKeys: PreKeys;
  readonly #current: () => Connection | undefined;

  constructor(context: LoginContext, current: () => Connection | undefined) {
    const { store, login, signal, supply } = context;
    this.#context = context;
    this.#preKeys = new PreKeys({ store, login, own: signal.own, supply });
    this.#current = current;
  }

  /**
   * Uploads prekeys where they run low. A failure is repeated while this connection lasts, as without prekeys nobody
   * can start a chat with us.
   */
  async check(connection: Connection, failures = 0): Promise<void> {
    const { log, login, clock, random } = this.#context;
    try {
      await this.#preKeys.check(connection);
    } catch (error) {
      log.warn("prekeys could not be checked", { login, ...faultOf(error) });
      clock.after(reconnectDelay(failures + 2, random), () => {
        if (this.#current() === connection) void this.check(connection, failures + 1);
      });
    }
  }
}
