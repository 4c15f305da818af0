import { randomBytes } from "node:crypto";
import type { UserId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CrossSigningSeeds, type CryptoDevice, cryptoRecords } from "./crypto-records.ts";
import { publish, publishAgain, showIdentity } from "./identity.ts";
import { cryptoLibrary } from "./library.ts";
import { LibraryFailure } from "./library-calls.ts";
import { databasesOf, Machine, type MachineParts } from "./machine.ts";

interface DevicesParts extends Omit<MachineParts, "library"> {
  readonly store: Store;
  readonly requests: Pick<Requests, "json">;
  /** The only one who receives. */
  readonly bot: UserId;
  readonly deviceName: string;
  /** Called for a user whose people see another identity from now on. */
  readonly identityLost: (user: UserId) => void;
}

/** The device of each of our users that encrypts: made at its first use, and made anew where it cannot go on. */
export class Devices {
  readonly #parts: DevicesParts;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
  }

  /** A user's machine, whose keys are published. Throws BridgeError. */
  async open(user: UserId): Promise<Machine> {
    const known = await this.#parts.store.family(cryptoRecords).device(user);
    if (!known) return this.#begin(user);
    const machine = known.isDoubted ? undefined : await this.#whole(known);
    if (!machine) return this.#renew(known);
    if (known.published && known.key === machine.key) return machine;
    return this.#published(machine, known);
  }

  async #begin(user: UserId): Promise<Machine> {
    const device = newDeviceId();
    // Stored before the homeserver hears of it, so that a second start makes no second device.
    await this.#parts.store.write((tx) =>
      tx.family(cryptoRecords).setDevice({ user, device, published: false }),
    );
    return this.#published(await this.#machine({ user, device }), { published: false });
  }

  /**
   * Gives a user another device with the same identity: the old one cannot go on, as its rows are older than what it has
   * said, or are lost, or the homeserver has it no more. What the old one could read can still be read.
   */
  async #renew(before: CryptoDevice): Promise<Machine> {
    const { user, seeds } = before;
    const { requests } = this.#parts;
    using old = await this.#whole(before);
    if (old && seeds) await showIdentity(old, requests);
    const keys = old?.actor.receives ? await roomKeysOf(old) : undefined;
    await removeDevice(requests, before);
    const device = newDeviceId();
    const next = await this.#machine({ user, device });
    try {
      if (keys !== undefined) await next.olm.importExportedRoomKeys(keys, () => undefined);
      await next.commit((tx) => {
        const crypto = tx.family(cryptoRecords);
        crypto.setDevice({ user, device, published: false, seeds, key: next.key });
        for (const database of databasesOf(before)) crypto.removeDatabase(database);
      });
    } catch (error) {
      next[Symbol.dispose]();
      throw error;
    }
    return this.#published(next, { published: false, seeds });
  }

  /** Undefined where its rows are lost, or cannot be read. */
  async #whole(known: CryptoDevice): Promise<Machine | undefined> {
    const { store } = this.#parts;
    let machine: Machine;
    try {
      machine = await this.#machine(known);
    } catch (error) {
      if (!(error instanceof LibraryFailure)) throw error;
      // Throws where nothing at all can be read now.
      await store.family(cryptoRecords).databases();
      return undefined;
    }
    if (known.key === undefined || known.key === machine.key) return machine;
    machine[Symbol.dispose]();
    return undefined;
  }

  async #published(
    machine: Machine,
    { published, seeds }: Pick<CryptoDevice, "published" | "seeds">,
  ): Promise<Machine> {
    const { user, device } = machine.actor;
    try {
      if (published)
        await machine.commit((tx) =>
          tx.family(cryptoRecords).setDevice({ user, device, published, seeds, key: machine.key }),
        );
      else await this.#publish(machine, seeds);
      return machine;
    } catch (error) {
      machine[Symbol.dispose]();
      throw error;
    }
  }

  async #publish(machine: Machine, seeds: CrossSigningSeeds | undefined): Promise<void> {
    const { deviceName, identityLost } = this.#parts;
    const { user } = machine.actor;
    if (seeds) {
      if (await isWhole(machine)) return publish(machine, deviceName);
      if (await publishAgain(machine, deviceName, seeds)) return;
      identityLost(user);
    } else if (await this.#hasIdentity(user)) identityLost(user);
    return publish(machine, deviceName);
  }

  /** Whether the homeserver shows an identity of a user's. */
  async #hasIdentity(user: UserId): Promise<boolean> {
    const { requests, bot } = this.#parts;
    const path = route`/_matrix/client/v3/keys/query`;
    const body = { device_keys: { [user]: [] } };
    const shown = await requests.json({ method: "POST", path, body, as: bot });
    return fieldOf(fieldOf(shown, "master_keys"), user) !== undefined;
  }

  async #machine({ user, device }: Pick<CryptoDevice, "user" | "device">): Promise<Machine> {
    const { bot, ...parts } = this.#parts;
    const library = await cryptoLibrary();
    return Machine.open({ ...parts, library }, { user, device, receives: user === bot });
  }
}

const newDeviceId = (): string => randomBytes(6).toString("hex").toUpperCase();

/** Whether it has its user's private cross-signing keys. */
async function isWhole({ olm }: Machine): Promise<boolean> {
  using status = await olm.crossSigningStatus();
  return status.hasMaster && status.hasSelfSigning && status.hasUserSigning;
}

/** What it reads rooms with; undefined where that is damaged. */
async function roomKeysOf({ olm }: Machine): Promise<string | undefined> {
  try {
    return await olm.exportRoomKeys(() => true);
  } catch (error) {
    if (error instanceof LibraryFailure) return undefined;
    throw error;
  }
}

/** Takes a device from the homeserver; there being none is success. Throws BridgeError. */
async function removeDevice(
  requests: Pick<Requests, "json">,
  { user, device }: Pick<CryptoDevice, "user" | "device">,
): Promise<void> {
  const path = route`/_matrix/client/v3/devices/${device}`;
  try {
    await requests.json({ method: "DELETE", path, body: {}, as: user });
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error;
  }
}
