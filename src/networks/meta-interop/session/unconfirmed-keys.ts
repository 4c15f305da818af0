import { z } from "zod";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Store, Writes } from "../../../core/ports/store.ts";
import type { KeyUpload, PreKeySupply } from "../../../signal-protocol/prekey-supply.ts";
import { loginScope } from "../record-scopes.ts";

const NAME = "prekeys-unconfirmed";

const schema = z.object({
  oneTime: z.array(z.number()),
  kyber: z.array(z.number()),
  signed: z.number().optional(),
  lastResort: z.number().optional(),
});
type Ids = z.infer<typeof schema>;

/**
 * The ids of prekeys that were made for an upload which was not confirmed. They are uploaded again before new ones are
 * made.
 */
export class UnconfirmedKeys {
  readonly #store: Store;
  readonly #login: LoginId;
  readonly #supply: PreKeySupply;

  constructor(store: Store, login: LoginId, supply: PreKeySupply) {
    this.#store = store;
    this.#login = login;
    this.#supply = supply;
  }

  /** Those of the keys that are still stored. */
  async load(): Promise<KeyUpload> {
    const stored = await this.#store.records.get(loginScope(this.#login), NAME);
    const parsed = stored === undefined ? undefined : schema.safeParse(JSON.parse(stored));
    if (!parsed?.success) return { oneTime: [], kyber: [], lasting: undefined };
    const { oneTime, kyber, signed, lastResort } = parsed.data;
    const supply = this.#supply;
    const [signedKey] = signed === undefined ? [] : await supply.storedSigned([signed]);
    const [lastResortKey] =
      lastResort === undefined ? [] : await supply.storedKyber("kyber-last-resort", [lastResort]);
    return {
      oneTime: await supply.storedOneTime(oneTime),
      kyber: await supply.storedKyber("kyber", kyber),
      lasting: signedKey && lastResortKey && { signed: signedKey, lastResort: lastResortKey },
    };
  }

  record(tx: Writes, { oneTime, kyber, lasting }: KeyUpload): void {
    const ids: Ids = {
      oneTime: oneTime.map(({ id }) => id),
      kyber: kyber.map(({ id }) => id),
      signed: lasting?.signed.id,
      lastResort: lasting?.lastResort.id,
    };
    tx.records.set(loginScope(this.#login), NAME, JSON.stringify(ids));
  }

  async clear(): Promise<void> {
    if ((await this.#store.records.get(loginScope(this.#login), NAME)) === undefined) return;
    await this.#store.write((tx) => this.forget(tx));
  }

  forget(tx: Writes): void {
    tx.records.remove(loginScope(this.#login), NAME);
  }
}
