import type { LoginId } from "../../../core/model/ids.ts";
import type { Store } from "../../../core/ports/store.ts";
import type { OwnKeys } from "../../../signal-protocol/key-maker.ts";
import type { KeyUpload, PreKeySupply, WantedKeys } from "../../../signal-protocol/prekey-supply.ts";
import type { Connection } from "../connection/connection.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { loginScope } from "../record-scopes.ts";
import { wholeNumber } from "../wire/attributes.ts";
import { child, node } from "../wire/node.ts";
import { uploadNodes } from "./key-stanzas.ts";
import { UnconfirmedKeys } from "./unconfirmed-keys.ts";

const FULL_SUPPLY = 100;
const LOW_SUPPLY = 20;
/** The id of the signed prekey that the gatekeeper has confirmed. */
const CONFIRMED = "signed-prekey-confirmed";

/** Keeps the gatekeeper supplied with prekeys, by which people can start a chat with us. One check at a time. */
export class PreKeys {
  readonly #store: Store;
  readonly #login: LoginId;
  readonly #own: OwnKeys;
  readonly #supply: PreKeySupply;
  readonly #unconfirmed: UnconfirmedKeys;
  #checking: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly store: Store;
    readonly login: LoginId;
    readonly own: OwnKeys;
    readonly supply: PreKeySupply;
  }) {
    this.#store = options.store;
    this.#login = options.login;
    this.#own = options.own;
    this.#supply = options.supply;
    this.#unconfirmed = new UnconfirmedKeys(options.store, options.login, options.supply);
  }

  /** Asks how many prekeys are left, and uploads those that are missing or old. */
  check(connection: Connection): Promise<void> {
    const checked = this.#checking.then(() => this.#check(connection));
    this.#checking = checked.catch(() => undefined);
    return checked;
  }

  async #check({ requests }: Connection): Promise<void> {
    const lasting = await this.#lastingMissing();
    const answer = await requests.ask({ xmlns: "encrypt", type: "get" }, [node("count")]);
    const attrs = child(answer, "count")?.attrs ?? {};
    const wanted = { oneTime: missing(attrs["value"]), kyber: missing(attrs["kyber"]), lasting };
    // The gatekeeper has enough, so it took the last upload even if it did not confirm it.
    if (!lasting && wanted.oneTime === 0 && wanted.kyber === 0) return this.#unconfirmed.clear();
    const { upload, isNew } = await this.#upload(wanted);
    const { identity, registrationId } = this.#own;
    const own = { registrationId, identity: identity.publicKey.getPublicKeyBytes() };
    try {
      await requests.ask({ xmlns: "encrypt", type: "set" }, uploadNodes(own, upload));
    } catch (error) {
      if (error instanceof StanzaError && isFinal(error.code)) await this.#refused(upload, isNew);
      throw error;
    }
    await this.#store.write((tx) => {
      this.#unconfirmed.forget(tx);
      if (upload.lasting) {
        tx.records.set(loginScope(this.#login), CONFIRMED, String(upload.lasting.signed.id));
      }
    });
  }

  /** Takes the keys of an upload that was not confirmed, and makes new ones for the rest. All are on disk. */
  async #upload(wanted: WantedKeys): Promise<{ readonly upload: KeyUpload; readonly isNew: boolean }> {
    const pending = await this.#unconfirmed.load();
    const oneTime = wanted.oneTime > 0 ? pending.oneTime : [];
    const kyber = wanted.kyber > 0 ? pending.kyber : [];
    const lasting = wanted.lasting && !(await this.#supply.lastingDue()) ? pending.lasting : undefined;
    const combined = (made: KeyUpload): KeyUpload => ({
      oneTime: [...oneTime, ...made.oneTime],
      kyber: [...kyber, ...made.kyber],
      lasting: lasting ?? made.lasting,
    });
    const missingKeys = {
      oneTime: Math.max(0, wanted.oneTime - oneTime.length),
      kyber: Math.max(0, wanted.kyber - kyber.length),
      lasting: wanted.lasting && !lasting,
    };
    const made = await this.#supply.make(missingKeys, (tx, keys) =>
      this.#unconfirmed.record(tx, combined(keys)),
    );
    return { upload: combined(made), isNew: oneTime.length === 0 && kyber.length === 0 && !lasting };
  }

  /**
   * Forgets refused keys, as they would be refused again. They are deleted if all are new; otherwise the gatekeeper may
   * have taken some from an unconfirmed upload.
   */
  #refused(upload: KeyUpload, isNew: boolean): Promise<void> {
    return this.#store.write((tx) => {
      this.#unconfirmed.forget(tx);
      if (isNew) this.#supply.unmake(tx, upload);
    });
  }

  async #lastingMissing(): Promise<boolean> {
    if (await this.#supply.lastingDue()) return true;
    const confirmed = await this.#store.records.get(loginScope(this.#login), CONFIRMED);
    return confirmed !== String(await this.#supply.newestSigned());
  }
}

/** Whether the same request would have the same answer. */
function isFinal(code: number): boolean {
  return code >= 400 && code < 500 && code !== 408 && code !== 429;
}

function missing(count: string | undefined): number {
  const left = wholeNumber(count, FULL_SUPPLY) ?? 0;
  return left >= LOW_SUPPLY ? 0 : FULL_SUPPLY - left;
}
