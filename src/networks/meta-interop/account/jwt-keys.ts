import type { importJWK, JWK } from "jose";
import { z } from "zod";
import type { Clock } from "../../../core/ports/clock.ts";
import type { RecordReads, RecordWrites } from "../../../core/ports/store.ts";

const SCOPE = "meta-interop";
const NAME = "jwt-keys";
const DAY = 86_400_000;
const ROTATE_AFTER = 30 * DAY;
/**
 * Milliseconds after which all tokens of a replaced key have expired. They live minutes; the rest allows for clocks
 * that differ.
 */
const TOKENS_EXPIRED_AFTER = 60 * 60_000;

const schema = z.array(
  z.object({
    kid: z.string(),
    /** RFC 8037 OKP key with its private part. */
    jwk: z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string(), d: z.string() }),
    madeAt: z.number(),
    /** When another key replaced it. */
    retiredAt: z.number().optional(),
  }),
);
type StoredKey = z.infer<typeof schema>[number];

export interface SigningKey {
  readonly kid: string;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
}

/** Where the keys are kept. */
export interface KeyStore {
  readonly records: Pick<RecordReads, "get">;
  write(record: (tx: { readonly records: Pick<RecordWrites, "set"> }) => void): Promise<void>;
}

/** The EdDSA keys that sign our users' tokens. A key is stored, and published, before it signs anything. */
export class JwtKeys {
  readonly #store: KeyStore;
  readonly #clock: Clock;
  #keys: Promise<readonly StoredKey[]> | undefined;

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async current(): Promise<SigningKey> {
    const active = (await this.#liveKeys()).find((key) => key.retiredAt === undefined);
    if (!active) throw new Error("no signing key");
    const { importJWK } = await import("jose");
    return { kid: active.kid, key: await importJWK(active.jwk, "EdDSA") };
  }

  /** The RFC 7517 key set: the key in use, and older ones whose tokens may still be valid. */
  async published(): Promise<{ readonly keys: readonly JWK[] }> {
    return {
      keys: (await this.#liveKeys()).map(({ kid, jwk: { kty, crv, x } }) => ({
        kty,
        crv,
        x,
        kid,
        alg: "EdDSA",
        use: "sig",
      })),
    };
  }

  /** Makes a new key and signs with it; tokens of the old key stay valid until they expire. */
  async rotate(): Promise<void> {
    await this.#setKeys(this.#load().then((keys) => this.#withNew(keys)));
  }

  async #liveKeys(): Promise<readonly StoredKey[]> {
    const now = this.#clock.now();
    const inUse = (keys: readonly StoredKey[]) =>
      keys.some((key) => key.retiredAt === undefined && now - key.madeAt < ROTATE_AFTER);
    const renewed = async (loaded: Promise<readonly StoredKey[]>) => {
      const keys = await loaded;
      return inUse(keys) ? keys : this.#withNew(keys);
    };
    let keys = await (this.#keys ?? this.#setKeys(this.#load()));
    if (!inUse(keys)) keys = await this.#setKeys(renewed(this.#keys ?? this.#load()));
    return keys.filter((key) => now - (key.retiredAt ?? now) < TOKENS_EXPIRED_AFTER);
  }

  /** Caches the keys for later calls, unless they could not be read or stored: then the next call tries again. */
  #setKeys(keys: Promise<readonly StoredKey[]>): Promise<readonly StoredKey[]> {
    this.#keys = keys;
    keys.catch(() => {
      if (this.#keys === keys) this.#keys = undefined;
    });
    return keys;
  }

  async #load(): Promise<readonly StoredKey[]> {
    const stored = await this.#store.records.get(SCOPE, NAME);
    const parsed = schema.safeParse(stored === undefined ? [] : JSON.parse(stored));
    return parsed.success ? parsed.data : [];
  }

  async #withNew(keys: readonly StoredKey[]): Promise<readonly StoredKey[]> {
    const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import("jose");
    const now = this.#clock.now();
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const { x = "", d = "" } = await exportJWK(privateKey);
    const jwk = { kty: "OKP", crv: "Ed25519", x, d } as const;
    const kept = keys
      .map((key) => ({ ...key, retiredAt: key.retiredAt ?? now }))
      .filter(({ retiredAt }) => now - retiredAt < TOKENS_EXPIRED_AFTER);
    const next = [
      ...kept,
      { kid: await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x }), jwk, madeAt: now },
    ];
    await this.#store.write((tx) => tx.records.set(SCOPE, NAME, JSON.stringify(next)));
    return next;
  }
}
