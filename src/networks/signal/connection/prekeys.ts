import type { Store, Writes } from "../../../core/ports/store.ts";
import type { KeyUpload, PreKeySupply } from "../../../signal-protocol/prekey-supply.ts";
import { type AccountKey, signalRecords } from "../../../signal-protocol/signal-records.ts";
import { loginScope } from "../record-scopes.ts";
import type { Chat } from "../service/chat.ts";
import { ServiceRefusal } from "../service/json-requests.ts";
import { type KeyCounts, keyCounts, uploadKeys } from "../service/keys.ts";

/** The server gives a key to each device that starts a chat with us; below this they are replaced by so many new ones. */
const LOW_SUPPLY = 50;
const FULL_SUPPLY = 100;

/** The record that an identity's signed prekey is at the server. */
const nameOf = ({ account }: AccountKey): string => `signed-prekey-confirmed/${account}`;

/** The write that the server has this signed prekey, and the last-resort key made with it. */
export function confirmSigned(tx: Writes, of: AccountKey, id: number): void {
  tx.records.set(loginScope(of.login), nameOf(of), String(id));
}

/** Keeps the server supplied with the prekeys of one of our identities. */
class Supplied {
  readonly of: AccountKey;
  readonly #store: Store;
  readonly #supply: PreKeySupply;
  /** Made and stored, of which it is not known whether the server has them. */
  #unconfirmed: KeyUpload | undefined;

  constructor(store: Store, of: AccountKey, supply: PreKeySupply) {
    this.of = of;
    this.#store = store;
    this.#supply = supply;
  }

  async check(chat: Chat, counts: KeyCounts): Promise<void> {
    // What the server has more of than is stored here is of an identity that was replaced.
    const stored = async (kind: "one-time" | "kyber") =>
      (await this.#store.family(signalRecords).preKeyIds(this.of, kind)).length;
    const wanted = {
      oneTime: missing(Math.min(counts.oneTime, await stored("one-time"))),
      kyber: missing(Math.min(counts.kyber, await stored("kyber"))),
      lasting: await this.#lastingMissing(),
    };
    if (wanted.oneTime + wanted.kyber === 0 && !wanted.lasting) {
      this.#unconfirmed = undefined;
      return;
    }
    this.#unconfirmed ??= await this.#supply.make(wanted);
    const upload = this.#unconfirmed;
    try {
      await uploadKeys(chat, this.of.account, upload);
    } catch (error) {
      if (error instanceof ServiceRefusal && isFinal(error.status)) await this.#refused(upload);
      throw error;
    }
    this.#unconfirmed = undefined;
    const { lasting } = upload;
    if (lasting) await this.#store.write((tx) => confirmSigned(tx, this.of, lasting.signed.id));
  }

  /** The same keys would be refused again. */
  async #refused(upload: KeyUpload): Promise<void> {
    this.#unconfirmed = undefined;
    await this.#store.write((tx) => this.#supply.unmake(tx, upload));
  }

  async #lastingMissing(): Promise<boolean> {
    if (await this.#supply.lastingDue()) return true;
    const confirmed = await this.#store.records.get(loginScope(this.of.login), nameOf(this.of));
    return confirmed !== String(await this.#supply.newestSigned());
  }
}

interface SuppliedIdentity {
  readonly of: AccountKey;
  readonly supply: PreKeySupply;
}

/** Keeps the server supplied with the prekeys of the account and of its phone number. One check at a time. */
export class PreKeys {
  readonly #identities: readonly Supplied[];
  #checking: Promise<void> = Promise.resolve();

  constructor(store: Store, identities: readonly SuppliedIdentity[]) {
    this.#identities = identities.map(({ of, supply }) => new Supplied(store, of, supply));
  }

  /** Throws ServiceRefusal, what libsignal throws, and BridgeError of the store. */
  check(chat: Chat): Promise<void> {
    const checked = this.#checking.then(() => this.#check(chat));
    this.#checking = checked.catch(() => undefined);
    return checked;
  }

  async #check(chat: Chat): Promise<void> {
    const counts = await keyCounts(chat);
    for (const identity of this.#identities) await identity.check(chat, counts[identity.of.account]);
  }
}

const missing = (left: number): number => (left >= LOW_SUPPLY ? 0 : FULL_SUPPLY);

/** Whether the same request would have the same answer. */
const isFinal = (status: number): boolean =>
  status >= 400 && status < 500 && ![401, 403, 408, 413, 428, 429].includes(status);
