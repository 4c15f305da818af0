import type { LoginId } from "../../core/ids.ts";
import type { Store } from "../../core/store.ts";
import type { Connection } from "./connection.ts";
import type { OwnKeys } from "./e2ee/key-maker.ts";
import type { PreKeySupply } from "./e2ee/prekey-supply.ts";
import { uploadNodes } from "./key-stanzas.ts";
import { loginScope } from "./record-scopes.ts";
import { child, node } from "./wire/node.ts";

const FULL = 100;
const LOW = 20;
/** The id of the signed prekey that the gatekeeper has confirmed. */
const CONFIRMED = "signed-prekey-confirmed";

/** Keeps the gatekeeper in keys by which people can write to us first. One check at a time. */
export class PreKeys {
  readonly #store: Store;
  readonly #login: LoginId;
  readonly #own: OwnKeys;
  readonly #supply: PreKeySupply;
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
  }

  /** Counts what is left, and uploads what is missing or old. */
  check(connection: Connection): Promise<void> {
    const checked = this.#checking.then(() => this.#check(connection));
    this.#checking = checked.catch(() => undefined);
    return checked;
  }

  async #check({ requests }: Connection): Promise<void> {
    const lasting = await this.#lastingMissing();
    const answer = await requests.ask({ xmlns: "encrypt", type: "get" }, [node("count")]);
    const attrs = child(answer, "count")?.attrs ?? {};
    const oneTime = missing(attrs["value"]);
    const kyber = missing(attrs["kyber"]);
    if (!lasting && oneTime === 0 && kyber === 0) return;
    const upload = await this.#supply.make({ oneTime, kyber, lasting });
    const { identity, registrationId } = this.#own;
    const own = { registrationId, identity: identity.publicKey.getPublicKeyBytes() };
    await requests.ask({ xmlns: "encrypt", type: "set" }, uploadNodes(own, upload));
    const { lasting: uploaded } = upload;
    if (!uploaded) return;
    const scope = loginScope(this.#login);
    await this.#store.write((tx) => tx.records.set(scope, CONFIRMED, String(uploaded.signed.id)));
  }

  async #lastingMissing(): Promise<boolean> {
    if (await this.#supply.lastingDue()) return true;
    const confirmed = await this.#store.records.get(loginScope(this.#login), CONFIRMED);
    return confirmed !== String(await this.#supply.newestSigned());
  }
}

function missing(count: string | undefined): number {
  const left = Number(count ?? 0);
  return left >= LOW ? 0 : FULL - Math.max(0, left || 0);
}
