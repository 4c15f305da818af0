import type { UserId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CryptoDevice, cryptoRecords } from "./crypto-records.ts";
import { Devices } from "./devices.ts";
import { Factory } from "./indexed-db/factory.ts";
import { findable } from "./indexed-db/globals.ts";
import { LibraryCalls } from "./library-calls.ts";
import type { Machine } from "./machine.ts";

interface MachinesOptions {
  readonly store: Store;
  readonly requests: Pick<Requests, "json">;
  /** The only one who receives. */
  readonly bot: UserId;
  readonly deviceName: string;
  /** The most machines that stay open beside the bot's. */
  readonly most?: number;
  /** Called when the homeserver has lost a user's device, which has another now. */
  readonly deviceLost?: (user: UserId) => void;
  /** Called for a user whose people see another identity from now on. */
  readonly identityLost?: (user: UserId) => void;
}

/** Opening one that is known takes some 4 ms, and an open one half a MiB. */
const MOST = 100;

/** The machines of our users, opened when they are wanted; the least used are closed. */
export class Machines implements Disposable {
  readonly #options: MachinesOptions;
  readonly #devices: Devices;
  readonly #found: ReturnType<typeof findable>;
  readonly #calls = new LibraryCalls();
  /** In the order of their last use. */
  readonly #open = new Map<UserId, Machine>();
  readonly #turns = new SerialByKey();
  readonly #inUse = new Map<UserId, number>();

  constructor(options: MachinesOptions) {
    this.#options = options;
    const factory = new Factory(options.store.family(cryptoRecords));
    this.#found = findable(factory);
    const { identityLost = () => undefined } = options;
    const { name: nameOf } = this.#found;
    this.#devices = new Devices({ ...options, factory, nameOf, calls: this.#calls, identityLost });
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  /** Works with a user's machine, alone. Its keys are published before. Throws BridgeError. */
  use<Result>(user: UserId, work: (machine: Machine) => Promise<Result>): Promise<Result> {
    return this.#turns.run(user, async () => {
      this.#inUse.set(user, 1);
      try {
        return await this.#working(user, work);
      } finally {
        this.#inUse.delete(user);
        if (this.#open.get(user)?.isBroken) this.#close(user);
        this.#closeSome();
      }
    });
  }

  /** Gives a user another device, with the same identity, before it is used again. Throws BridgeError. */
  async doubt(user: UserId): Promise<void> {
    await this.#turns.run(user, () => this.#doubt(user));
  }

  /** As {@link doubt}, of all our users; resolves to how many have a device. Throws BridgeError. */
  async doubtAll(): Promise<number> {
    const { store } = this.#options;
    await store.write((tx) => tx.family(cryptoRecords).doubt());
    await Promise.all(
      Array.from(this.#open.keys(), (user) => this.#turns.run(user, async () => this.#close(user))),
    );
    return store.family(cryptoRecords).countDevices();
  }

  /**
   * Doubts the devices of those users of ours whom the homeserver does not show as they are; resolves to how many there
   * were. Throws BridgeError.
   */
  async look(users: readonly UserId[]): Promise<number> {
    const { store, requests, bot } = this.#options;
    const unlike: UserId[] = [];
    for (const user of users)
      await this.#turns.run(user, async () => {
        const known = await store.family(cryptoRecords).device(user);
        if (!known?.published || known.isDoubted || (await isShown(requests, bot, known))) return;
        await this.#doubt(user);
        unlike.push(user);
      });
    return unlike.length;
  }

  /** To be called when the devices of people changed, or those of `left` are told of no more. */
  devicesChanged(changed: readonly string[], left: readonly string[]): void {
    if (changed.length > 0 || left.length > 0)
      for (const { shared } of this.#open.values()) shared.devicesChanged(changed, left);
  }

  [Symbol.dispose](): void {
    for (const user of this.#open.keys()) this.#close(user);
    this.#found[Symbol.dispose]();
    this.#calls[Symbol.dispose]();
  }

  async #working<Result>(user: UserId, work: (machine: Machine) => Promise<Result>): Promise<Result> {
    const machine = await this.#ready(user);
    try {
      return await work(machine);
    } catch (error) {
      if (refusalOf(error)?.code !== "M_UNKNOWN_DEVICE") throw error;
      await this.#doubt(user);
      this.#options.deviceLost?.(user);
      return work(await this.#ready(user));
    }
  }

  async #doubt(user: UserId): Promise<void> {
    await this.#options.store.write((tx) => tx.family(cryptoRecords).doubt(user));
    this.#close(user);
  }

  async #ready(user: UserId): Promise<Machine> {
    const open = this.#open.get(user);
    this.#open.delete(user);
    const machine = open ?? (await this.#devices.open(user));
    this.#open.set(user, machine);
    return machine;
  }

  #closeSome(): void {
    const { bot, most = MOST } = this.#options;
    for (const user of this.#open.keys()) {
      if (this.#open.size <= most) return;
      if (user !== bot && !this.#inUse.has(user)) this.#close(user);
    }
  }

  #close(user: UserId): void {
    const machine = this.#open.get(user);
    this.#open.delete(user);
    machine?.[Symbol.dispose]();
  }
}

/** Whether the homeserver shows a device, signed by its user's identity. */
async function isShown(
  requests: Pick<Requests, "json">,
  bot: UserId,
  { user, device, key }: CryptoDevice,
): Promise<boolean> {
  const path = route`/_matrix/client/v3/keys/query`;
  const body = { device_keys: { [user]: [device] } };
  const shown = await requests.json({ method: "POST", path, body, as: bot });
  const keys = fieldOf(fieldOf(fieldOf(shown, "device_keys"), user), device);
  const signatures = fieldOf(fieldOf(keys, "signatures"), user);
  // Its own, and the identity's.
  const isSigned = typeof signatures === "object" && Object.keys(signatures ?? {}).length > 1;
  const isSame = key === undefined || fieldOf(fieldOf(keys, "keys"), `ed25519:${device}`) === key;
  return isSigned && isSame && fieldOf(fieldOf(shown, "master_keys"), user) !== undefined;
}
