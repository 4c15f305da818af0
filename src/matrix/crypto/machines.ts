import { randomBytes } from "node:crypto";
import type { UserId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import type { Requests } from "../http/requests.ts";
import { cryptoRecords } from "./crypto-records.ts";
import { publish, publishAgain } from "./identity.ts";
import { Factory } from "./indexed-db/factory.ts";
import { findable } from "./indexed-db/globals.ts";
import { cryptoLibrary } from "./library.ts";
import { LibraryCalls } from "./library-calls.ts";
import { databasesOf, Machine } from "./machine.ts";

interface MachinesOptions {
  readonly store: Store;
  readonly requests: Pick<Requests, "json">;
  /** The only one who receives. */
  readonly bot: UserId;
  readonly deviceName: string;
  /** The most machines that stay open beside the bot's. */
  readonly most?: number;
}

/** Opening one that is known takes some 4 ms, and an open one half a MiB. */
const MOST = 100;

/** The machines of our users, opened when they are wanted; the least used are closed. */
export class Machines implements Disposable {
  readonly #options: MachinesOptions;
  readonly #factory: Factory;
  readonly #found: ReturnType<typeof findable>;
  readonly #calls = new LibraryCalls();
  /** In the order of their last use. */
  readonly #open = new Map<UserId, Machine>();
  readonly #turns = new SerialByKey();
  readonly #inUse = new Map<UserId, number>();

  constructor(options: MachinesOptions) {
    this.#options = options;
    this.#factory = new Factory(options.store.family(cryptoRecords));
    this.#found = findable(this.#factory);
  }

  /** Works with a user's machine, alone. Its keys are published before. Throws BridgeError. */
  use<Result>(user: UserId, work: (machine: Machine) => Promise<Result>): Promise<Result> {
    return this.#turns.run(user, async () => {
      this.#inUse.set(user, 1);
      try {
        return await work(await this.#ready(user));
      } finally {
        this.#inUse.delete(user);
        if (this.#open.get(user)?.isBroken) this.#close(user);
        this.#closeSome();
      }
    });
  }

  /**
   * Gives a user another device with the same identity: the old one cannot go on, as its database is older than what it
   * has said, or the homeserver has it no more. What it could read can still be read. Throws BridgeError.
   */
  renew(user: UserId): Promise<void> {
    return this.#turns.run(user, async () => {
      const { store } = this.#options;
      const before = await store.family(cryptoRecords).device(user);
      if (!before?.seeds) return;
      const old = await this.#opened(user, before.device);
      await old.removeDevice(before.device);
      const keys = old.actor.receives ? await old.olm.exportRoomKeys(() => true) : undefined;
      this.#close(user);
      const device = newDeviceId();
      const next = await this.#opened(user, device);
      if (keys !== undefined) await next.olm.importExportedRoomKeys(keys, () => undefined);
      const { seeds } = before;
      await next.commit((tx) => {
        const crypto = tx.family(cryptoRecords);
        crypto.setDevice({ user, device, published: false, seeds });
        for (const database of databasesOf({ user, device: before.device })) crypto.removeDatabase(database);
      });
    });
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

  async #ready(user: UserId): Promise<Machine> {
    const open = this.#open.get(user);
    if (open) {
      this.#open.delete(user);
      this.#open.set(user, open);
      return open;
    }
    const { store, deviceName } = this.#options;
    const known = await store.family(cryptoRecords).device(user);
    const machine = await this.#opened(user, known?.device ?? (await this.#newDevice(user)));
    try {
      if (known?.seeds && !known.published && !(await isWhole(machine)))
        await publishAgain(machine, deviceName, known.seeds);
      else if (!known?.published) await publish(machine, deviceName);
    } catch (error) {
      this.#close(user);
      throw error;
    }
    return machine;
  }

  async #opened(user: UserId, device: string): Promise<Machine> {
    const open = this.#open.get(user);
    if (open) return open;
    const { store, requests, bot } = this.#options;
    const library = await cryptoLibrary();
    const parts = {
      library,
      store,
      requests,
      factory: this.#factory,
      calls: this.#calls,
      nameOf: this.#found.name,
    };
    const machine = await Machine.open(parts, { user, device, receives: user === bot });
    this.#open.set(user, machine);
    return machine;
  }

  /** Its id is stored before the homeserver hears of it, so that a second start makes no second device. */
  async #newDevice(user: UserId): Promise<string> {
    const device = newDeviceId();
    await this.#options.store.write((tx) =>
      tx.family(cryptoRecords).setDevice({ user, device, published: false }),
    );
    return device;
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

const newDeviceId = (): string => randomBytes(6).toString("hex").toUpperCase();

/** Whether it has its user's private cross-signing keys. */
async function isWhole({ olm }: Machine): Promise<boolean> {
  using status = await olm.crossSigningStatus();
  return status.hasMaster && status.hasSelfSigning && status.hasUserSigning;
}
