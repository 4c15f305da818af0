import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import { BridgeError } from "../../core/model/errors.ts";
import type { Store, Writes } from "../../core/ports/store.ts";
import { type Requests, route } from "../http/requests.ts";
import { cryptoRecords } from "./crypto-records.ts";
import type { Factory } from "./indexed-db/factory.ts";
import { type CryptoLibrary, silent } from "./library.ts";
import { type LibraryCalls, LibraryFailure } from "./library-calls.ts";
import { type CryptoActor, carryOut, type LibraryRequest } from "./library-requests.ts";
import { SharedKeys } from "./shared-keys.ts";

export interface MachineParts {
  readonly library: CryptoLibrary;
  readonly store: Store;
  readonly requests: Pick<Requests, "json">;
  readonly factory: Factory;
  readonly calls: LibraryCalls;
  /** What the library calls a database of the factory. */
  readonly nameOf: (database: string) => string;
}

/** The databases of a device. */
export const databasesOf = ({ user, device }: Pick<CryptoActor, "user" | "device">): readonly string[] =>
  ["matrix-sdk-crypto-meta", "matrix-sdk-crypto"].map((database) => `${user}/${device}::${database}`);

/** One device's half of the library. What it changes is on disk after `commit`, which comes before anything leaves. */
export class Machine implements Disposable {
  readonly actor: CryptoActor;
  readonly olm: OlmMachine;
  /** Whom its rooms' keys were given to since it was opened. */
  readonly shared = new SharedKeys();
  readonly #parts: MachineParts;
  /** What it holds in memory may be ahead of the disk, so that it may not go on. */
  #isBroken = false;

  private constructor(parts: MachineParts, actor: CryptoActor, olm: OlmMachine) {
    this.#parts = parts;
    this.actor = actor;
    this.olm = parts.calls.inTime(olm, (error) => this.#failed(error));
  }

  /** Throws {@link LibraryFailure} where its rows cannot be read. */
  static async open(parts: MachineParts, actor: CryptoActor): Promise<Machine> {
    try {
      return await parts.calls.ended(Machine.#open(parts, actor));
    } catch (error) {
      parts.factory.drop(databasesOf(actor));
      throw error instanceof BridgeError ? error : new LibraryFailure(error);
    }
  }

  static async #open(parts: MachineParts, actor: CryptoActor): Promise<Machine> {
    const { library, nameOf } = parts;
    const { OlmMachine, StoreHandle, UserId, DeviceId } = library;
    const store = await StoreHandle.open(nameOf(`${actor.user}/${actor.device}`), undefined, silent);
    const ids = [new UserId(actor.user), new DeviceId(actor.device)] as const;
    const olm = await OlmMachine.initFromStore(...ids, store, silent);
    // Nobody of ours asks other devices for keys, or gives any away.
    olm.roomKeyRequestsEnabled = false;
    olm.roomKeyForwardingEnabled = false;
    // Nobody told it whose devices changed while it was closed.
    await olm.markAllTrackedUsersAsDirty();
    return new Machine(parts, actor, olm);
  }

  get library(): CryptoLibrary {
    return this.#parts.library;
  }

  /** Its public Ed25519 key, in unpadded base64. */
  get key(): string {
    return this.olm.identityKeys.ed25519.toBase64();
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Commits what changed, with what belongs to it; `write` where that is not for the store alone. Throws BridgeError; the
   * machine is then to be opened anew.
   */
  async commit(
    record?: (tx: Writes) => void,
    write?: (record: (tx: Writes) => void) => Promise<void>,
  ): Promise<void> {
    this.#requireWhole();
    const { store, factory } = this.#parts;
    const taken = factory.take(databasesOf(this.actor));
    if (taken.isEmpty && !record && !write) return;
    const commit = write ?? ((all) => store.write(all));
    try {
      await commit((tx) => {
        taken.record(tx.family(cryptoRecords));
        record?.(tx);
      });
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
    taken.stored();
  }

  /** Commits, carries the request out, and commits what its answer changed. Throws BridgeError. */
  async carryOut(request: LibraryRequest): Promise<void> {
    await this.commit();
    const { id, type } = request;
    const answer = await carryOut(this.library, this.#parts.requests, this.actor, request);
    if (id !== undefined) await this.olm.markRequestAsSent(id, type, answer);
    await this.commit();
  }

  /** Makes its device, or gives it that name. Throws BridgeError. */
  async makeDevice(name: string): Promise<void> {
    const { user, device } = this.actor;
    const path = route`/_matrix/client/v3/devices/${device}`;
    await this.#parts.requests.json({ method: "PUT", path, body: { display_name: name }, as: user });
  }

  /** A request that the library does not keep account of. Throws BridgeError. */
  ask(options: Parameters<Requests["json"]>[0]): ReturnType<Requests["json"]> {
    const { user, device } = this.actor;
    return this.#parts.requests.json({ ...options, as: user, device });
  }

  /** Carries out all that the library wants asked, except what it says in rooms. Throws BridgeError. */
  async settle(): Promise<void> {
    const { RequestType } = this.library;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const all = await this.olm.outgoingRequests();
      const wanted = all.filter(({ type }) => type !== RequestType.RoomMessage);
      if (wanted.length === 0) return this.commit();
      for (const request of wanted) await this.carryOut(request);
    }
    throw new BridgeError("internal", {
      words: "The crypto library does not come to an end.",
      certain: true,
    });
  }

  [Symbol.dispose](): void {
    this.#isBroken = true;
    try {
      this.olm.close();
    } catch {
      // The library does not close what it panicked in.
    }
    this.#parts.factory.drop(databasesOf(this.actor));
  }

  /** What the library says of an event tells of that alone; else what it holds in memory is not to be relied on. */
  #failed(error: unknown): unknown {
    if (error instanceof this.library.MegolmDecryptionError) return error;
    this.#isBroken = true;
    return new LibraryFailure(error);
  }

  #requireWhole(): void {
    if (this.#isBroken)
      throw new BridgeError("storage", {
        words: "The keys of this device are read again from the database.",
        certain: true,
        retryAfter: 0,
      });
  }
}

/** An answer makes the library ask for more a few times at most. */
const MOST_ROUNDS = 20;
