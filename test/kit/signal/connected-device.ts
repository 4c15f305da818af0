import type { ConnectionState, Ended } from "../../../src/core/ports/network.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { DeviceConnection } from "../../../src/networks/signal/connection/device-connection.ts";
import { PreKeys } from "../../../src/networks/signal/connection/prekeys.ts";
import type { Chat } from "../../../src/networks/signal/service/chat.ts";
import { processRandom } from "../../../src/program/process-clock.ts";
import { loadOwnKeys } from "../../../src/signal-protocol/key-maker.ts";
import { PreKeySupply } from "../../../src/signal-protocol/prekey-supply.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { Waits } from "../../../tools/matrix/waits.ts";
import type { LinkingWorld } from "./linking.ts";

/** A login's connection without a client on it: what the server brings is kept here, and acknowledged on request. */
export class ConnectedDevice implements AsyncDisposable {
  readonly connection: DeviceConnection;
  readonly states: ConnectionState[] = [];
  readonly endings: Ended[] = [];
  readonly envelopes: { readonly bytes: Uint8Array; readonly acknowledge: () => void }[] = [];
  readonly #changes = new Waits<void>();

  private constructor(world: LinkingWorld, login: Login, preKeys: PreKeys) {
    const { access, clock, log } = world;
    this.connection = new DeviceConnection({
      login: login.id,
      access,
      account: readAccount(login.account),
      preKeys,
      handler: {
        envelope: (bytes, _at, acknowledge) => {
          this.envelopes.push({ bytes, acknowledge });
          this.#changes.offer();
        },
        queueEmpty: () => undefined,
        alerts: () => undefined,
      },
      changed: (state) => {
        this.states.push(state);
        this.#changes.offer();
      },
      ended: (what) => {
        this.endings.push(what);
        this.#changes.offer();
      },
      clock,
      random: processRandom,
      log,
    });
  }

  static async of(world: LinkingWorld, login: Login): Promise<ConnectedDevice> {
    const { store, clock } = world;
    const supplies = (["aci", "pni"] as const).map(async (account) => {
      const of = { login: login.id, account };
      const own = await store.family(signalRecords).own(of);
      if (!own) throw new Error("the login has no keys");
      return { of, supply: new PreKeySupply({ store, of, own: loadOwnKeys(own), now: () => clock.now() }) };
    });
    return new ConnectedDevice(world, login, new PreKeys(store, await Promise.all(supplies)));
  }

  up(): Promise<Chat> {
    return this.connection.up(AbortSignal.timeout(20_000));
  }

  /** Resolves when it holds. */
  when(what: string, holds: () => boolean): Promise<unknown> {
    return this.#changes.until(what, holds);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.connection.stop();
  }
}
