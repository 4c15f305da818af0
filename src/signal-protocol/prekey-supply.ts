import { randomInt } from "node:crypto";
import { KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord } from "@signalapp/libsignal-client";
import type { Store, Writes } from "../core/ports/store.ts";
import { arrayBytes } from "./array-bytes.ts";
import { makeKyberPreKey, makePreKey, makeSignedPreKey, type OwnKeys } from "./key-maker.ts";
import type { PublicBundle, PublicPreKey, PublicSignedPreKey } from "./public-keys.ts";
import type { AccountKey, PreKeyKind, SignalReads } from "./signal-records.ts";
import { signalRecords } from "./signal-records.ts";

const DAY = 86_400_000;
const ROTATE_AFTER = 2 * DAY;
const KEEP_ROTATED = 30 * DAY;
/** Unused one-time keys of this age belong to people who never wrote. */
const KEEP_ONE_TIME = 90 * DAY;
/**
 * The highest first id; ids are 24 bits on the wire. A random start keeps the ids of an earlier registration apart from
 * those of a later one.
 */
const FIRST_ID_BELOW = 2 ** 23;

/** The id after which an account's next keys are numbered, by the last one it used; 0 where it has used none. */
export const idBefore = (last: number): number => (last === 0 ? randomInt(FIRST_ID_BELOW) : last);

/** The public halves of stored keys, for an upload. */
export interface KeyUpload {
  readonly oneTime: readonly PublicPreKey[];
  readonly kyber: readonly PublicSignedPreKey[];
  /** The signed and last-resort keys, where they are new. */
  readonly lasting:
    | { readonly signed: PublicSignedPreKey; readonly lastResort: PublicSignedPreKey }
    | undefined;
}

/** How many one-time keys of each kind are wanted, and whether a signed and a last-resort key are. */
export interface WantedKeys {
  readonly oneTime: number;
  readonly kyber: number;
  readonly lasting: boolean;
}

type Counter = "curve" | "signed" | "kyber";
/** The kinds that share a counter: Kyber keys of both kinds are looked up by one id. */
const kindsOf: Readonly<Record<Counter, readonly PreKeyKind[]>> = {
  curve: ["one-time"],
  signed: ["signed"],
  kyber: ["kyber", "kyber-last-resort"],
};

/** Makes an account's prekeys. Every key is stored before it is given out, and no id is used twice. */
export class PreKeySupply {
  readonly #store: Store;
  readonly #of: AccountKey;
  readonly #own: OwnKeys;
  readonly #now: () => number;
  readonly #last = new Map<Counter, Promise<{ id: number }>>();

  constructor(options: {
    readonly store: Store;
    readonly of: AccountKey;
    readonly own: OwnKeys;
    readonly now: () => number;
  }) {
    this.#store = options.store;
    this.#of = options.of;
    this.#own = options.own;
    this.#now = options.now;
  }

  get #reads(): SignalReads {
    return this.#store.family(signalRecords);
  }

  /** Whether there is no signed and last-resort key, or they are old. */
  async lastingDue(): Promise<boolean> {
    const made = await this.#reads.newestPreKeyAt(this.#of, "signed");
    return made === undefined || this.#now() - made >= ROTATE_AFTER;
  }

  /** The id of the current signed key; undefined before the first is made. */
  async newestSigned(): Promise<number | undefined> {
    return (await this.#reads.preKeyIds(this.#of, "signed")).at(-1);
  }

  /** Makes keys and resolves when they are on disk, together with the writes of `also`. */
  async make(
    wanted: WantedKeys,
    also: (tx: Writes, made: KeyUpload) => void = () => undefined,
  ): Promise<KeyUpload> {
    const at = this.#now();
    const oneTimeIds = await this.#ids("curve", wanted.oneTime);
    const kyberIds = await this.#ids("kyber", wanted.kyber + (wanted.lasting ? 1 : 0));
    const signedIds = await this.#ids("signed", wanted.lasting ? 1 : 0);
    const lastResortIds = kyberIds.splice(wanted.kyber);
    const oneTime = oneTimeIds.map(makePreKey);
    const kyber = kyberIds.map((id) => makeKyberPreKey(this.#own, id, at));
    const signed = signedIds.map((id) => makeSignedPreKey(this.#own, id, at));
    const lastResort = lastResortIds.map((id) => makeKyberPreKey(this.#own, id, at));
    const [newSigned] = signed;
    const [newLastResort] = lastResort;
    const made: KeyUpload = {
      oneTime: oneTime.map((key) => key.public),
      kyber: kyber.map((key) => key.public),
      lasting: newSigned && newLastResort && { signed: newSigned.public, lastResort: newLastResort.public },
    };
    await this.#store.write((tx) => {
      const signal = tx.family(signalRecords);
      for (const key of oneTime) signal.addPreKey(this.#of, "one-time", key.public.id, key.record, at);
      for (const key of kyber) signal.addPreKey(this.#of, "kyber", key.public.id, key.record, at);
      for (const key of signed) signal.addPreKey(this.#of, "signed", key.public.id, key.record, at);
      for (const key of lastResort)
        signal.addPreKey(this.#of, "kyber-last-resort", key.public.id, key.record, at);
      signal.dropPreKeysBefore(this.#of, "signed", at - KEEP_ROTATED);
      signal.dropPreKeysBefore(this.#of, "kyber-last-resort", at - KEEP_ROTATED);
      signal.dropPreKeysBefore(this.#of, "one-time", at - KEEP_ONE_TIME);
      signal.dropPreKeysBefore(this.#of, "kyber", at - KEEP_ONE_TIME);
      also(tx, made);
    });
    return made;
  }

  /** Deletes keys that were given to nobody. */
  unmake(tx: Writes, { oneTime, kyber, lasting }: KeyUpload): void {
    const signal = tx.family(signalRecords);
    for (const { id } of oneTime) signal.removePreKey(this.#of, "one-time", id);
    for (const { id } of kyber) signal.removePreKey(this.#of, "kyber", id);
    if (!lasting) return;
    signal.removePreKey(this.#of, "signed", lasting.signed.id);
    signal.removePreKey(this.#of, "kyber-last-resort", lasting.lastResort.id);
  }

  /** The public halves of those keys that are still stored. */
  async storedOneTime(ids: readonly number[]): Promise<readonly PublicPreKey[]> {
    return (await this.#stored("one-time", ids)).map((record) => {
      const key = PreKeyRecord.deserialize(record);
      return { id: key.id(), value: key.publicKey().getPublicKeyBytes() };
    });
  }

  async storedSigned(ids: readonly number[]): Promise<readonly PublicSignedPreKey[]> {
    return (await this.#stored("signed", ids)).map((record) => {
      const key = SignedPreKeyRecord.deserialize(record);
      return { id: key.id(), value: key.publicKey().getPublicKeyBytes(), signature: key.signature() };
    });
  }

  async storedKyber(
    kind: "kyber" | "kyber-last-resort",
    ids: readonly number[],
  ): Promise<readonly PublicSignedPreKey[]> {
    return (await this.#stored(kind, ids)).map((record) => {
      const key = KyberPreKeyRecord.deserialize(record);
      return { id: key.id(), value: key.publicKey().serialize(), signature: key.signature() };
    });
  }

  /** Makes a bundle for one contact; `record` must be on disk before the bundle is sent. */
  async bundleForRetry(): Promise<{ readonly bundle: PublicBundle; readonly record: (tx: Writes) => void }> {
    const at = this.#now();
    const [oneTimeId = 0] = await this.#ids("curve", 1);
    const [kyberId = 0] = await this.#ids("kyber", 1);
    const oneTime = makePreKey(oneTimeId);
    const kyber = makeKyberPreKey(this.#own, kyberId, at);
    const newest = await this.newestSigned();
    const [stored] = newest === undefined ? [] : await this.storedSigned([newest]);
    const [signedId = 0] = stored ? [] : await this.#ids("signed", 1);
    const made = stored ? undefined : makeSignedPreKey(this.#own, signedId, at);
    const signed = stored ?? made?.public;
    if (!signed) throw new Error("no signed prekey");
    return {
      bundle: {
        registrationId: this.#own.registrationId,
        identity: this.#own.identity.publicKey.getPublicKeyBytes(),
        signed,
        oneTime: oneTime.public,
        kyber: kyber.public,
      },
      record: (tx) => {
        const signal = tx.family(signalRecords);
        signal.addPreKey(this.#of, "one-time", oneTimeId, oneTime.record, at);
        signal.addPreKey(this.#of, "kyber", kyberId, kyber.record, at);
        if (made) signal.addPreKey(this.#of, "signed", signedId, made.record, at);
      },
    };
  }

  async #stored(kind: PreKeyKind, ids: readonly number[]) {
    const records = await Promise.all(ids.map((id) => this.#reads.preKey(this.#of, kind, id)));
    return records.flatMap((record) => (record ? [arrayBytes(record)] : []));
  }

  async #ids(counter: Counter, count: number): Promise<number[]> {
    const last = await (this.#last.get(counter) ?? this.#lastOf(counter));
    return Array.from({ length: count }, () => {
      last.id += 1;
      return last.id;
    });
  }

  /** Loads the last used id once; after a failure the next call loads it again. */
  #lastOf(counter: Counter): Promise<{ id: number }> {
    const loading = this.#loadLast(counter);
    this.#last.set(counter, loading);
    loading.catch(() => this.#last.delete(counter));
    return loading;
  }

  async #loadLast(counter: Counter): Promise<{ id: number }> {
    const used = await Promise.all(kindsOf[counter].map((kind) => this.#reads.lastPreKeyId(this.#of, kind)));
    const last = Math.max(...used);
    return { id: idBefore(last) };
  }
}
