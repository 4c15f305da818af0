import type { NetworkName } from "../config.ts";
import { HttpError } from "../http/http-error.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { serverOf } from "../state/outgoing-stanzas.ts";
import type { PersonRow } from "../state/person-table.ts";
import { Person } from "./person.ts";
import {
  type NewIdentity,
  type NewPrekey,
  newIdentity,
  newKyberPrekey,
  newSignedPrekey,
  oneTimePrekeys,
  prekeyStock,
} from "./person-keys.ts";
import type { PersonParts } from "./person-parts.ts";
import type { PrekeyDesk } from "./prekey-server.ts";
import { identityOf, rawKey } from "./signal-bundle.ts";

export interface NewPerson {
  readonly network: NetworkName;
  readonly name: string;
  readonly phone?: string | undefined;
  readonly username?: string | undefined;
  readonly optedIn?: boolean | undefined;
  readonly apps?: readonly number[] | undefined;
  readonly load?: boolean;
}

const plainPhone = (phone: string): string => phone.replace(/[\s().-]/g, "").replace(/^00/, "+");
const plainName = (name: string): string => name.replace(/^@/, "").toLowerCase();
const phoneForm = /^\+[1-9]\d{5,14}$/;

/** What a client looks somebody up by: the phone number on WhatsApp, the username on Messenger. */
export function externalId(row: PersonRow): string {
  return row.network === "whatsapp"
    ? (row.phone ?? row.jid)
    : (row.username ?? row.jid.split("@")[0] ?? row.jid);
}

/** Everybody who has an account with the gatekeeper. */
export class People {
  readonly #parts: PersonParts;
  readonly #desk: PrekeyDesk;
  readonly #byId = new Map<string, Person>();
  readonly #byJid = new Map<string, Person>();

  constructor(parts: PersonParts, desk: PrekeyDesk) {
    this.#parts = parts;
    this.#desk = desk;
    for (const row of parts.table.all()) this.#byId.set(row.id, new Person(row, parts, desk));
    this.#index();
  }

  all(): readonly Person[] {
    return [...this.#byId.values()];
  }

  get(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  /** By address; a device part is ignored. Who left is not found. */
  byJid(jid: string): Person | undefined {
    const person = this.#byJid.get(jid.replace(/:\d+@/, "@"));
    return person?.row.gone === false ? person : undefined;
  }

  /** By what a client may know somebody: phone, username, number, or a display name only one has. */
  find(network: NetworkName, external: string): Person | undefined {
    const there = this.all().filter(({ row }) => row.network === network && !row.gone);
    const phone = plainPhone(external);
    const name = plainName(external.trim());
    const exact = there.find(({ row }) =>
      network === "whatsapp"
        ? row.phone === phone || row.phone === `+${phone}`
        : row.username === name || row.jid.split("@")[0] === external.trim(),
    );
    if (exact !== undefined || network === "whatsapp") return exact;
    const named = there.filter(({ row }) => row.name.toLowerCase() === name);
    return named.length === 1 ? named[0] : undefined;
  }

  /** Their jid, or what it may be ordered by. */
  namesOf(jid: string | undefined): readonly (string | undefined)[] {
    return jid === undefined ? [] : [jid, this.#byJid.get(jid.replace(/:\d+@/, "@"))?.id];
  }

  async create(wanted: NewPerson): Promise<Person> {
    const { table, commits, held } = this.#parts;
    const identity = newIdentity();
    const prekeys = firstPrekeys(identity.pair);
    // Inside the commit, which sees those that are made at the same time and counts nobody who is refused.
    const row = await commits.commit(() => {
      const row = this.#described(wanted);
      if (table.has(row.jid)) throw taken();
      table.release(row.jid);
      held.forget(row.jid);
      table.insert(row, { registration: identity.registration, identity: identity.pair.serialize() });
      this.#keep(row, prekeys);
      return row;
    });
    const person = new Person(row, this.#parts, this.#desk);
    this.#byId.set(row.id, person);
    this.#index();
    return person;
  }

  /** A new phone: identity and prekeys are new, sessions and the texts of what was sent are forgotten. In the person's lane. */
  async reinstall(person: Person): Promise<void> {
    const { table, commits, signal, held, messages } = this.#parts;
    const identity = newIdentity();
    const prekeys = firstPrekeys(identity.pair);
    await commits.commit(() => {
      signal.forget(person.id);
      messages.emptySent(person.id);
      held.forget(person.row.jid);
      table.setSecrets(person.id, {
        registration: identity.registration,
        identity: identity.pair.serialize(),
      });
      this.#keep(person.row, prekeys);
    });
    person.signal.replace(identity);
  }

  /** A changed address: known to all indexes from now on. */
  moved(): void {
    this.#index();
  }

  /** A phone number in E.164 that nobody else on the network has. */
  phone(network: NetworkName, given: string): string {
    const phone = plainPhone(given);
    if (!phoneForm.test(phone))
      throw new HttpError(400, "malformed", "A phone number is written as +31612345678.");
    if (this.#parts.table.hasPhone(network, phone)) throw taken();
    return phone;
  }

  /**
   * What starts a session with somebody, one-time keys filled up again; undefined without keys. Inside a commit, and of
   * what is committed: after a reinstallation in the same group memory still has the old identity.
   */
  bundle({ row }: Person, exhausted: boolean): Bundle | undefined {
    const { table, held } = this.#parts;
    const secrets = table.secrets(row.id);
    const keys = held.take(row.jid, exhausted);
    if (secrets === undefined || keys === undefined) return undefined;
    const pair = identityOf(secrets.identity);
    this.#refill(row, pair);
    return { registration: secrets.registration, identity: rawKey(pair.publicKey), ...keys };
  }

  #refill(row: PersonRow, pair: NewIdentity["pair"]): void {
    const { table, held } = this.#parts;
    const { ec, kyber } = held.count(row.jid);
    if (ec > prekeyStock / 2 && kyber > prekeyStock / 2) return;
    this.#put(row, oneTimePrekeys(table.reservePrekeys(row.id, prekeyStock), prekeyStock, pair));
  }

  #keep(row: PersonRow, make: (first: number) => readonly NewPrekey[]): void {
    this.#put(row, make(this.#parts.table.reservePrekeys(row.id, prekeyStock + 1)));
  }

  #put(row: PersonRow, prekeys: readonly NewPrekey[]): void {
    for (const { kind, id, record, public: key } of prekeys) {
      this.#parts.signal.savePrekey(row.id, kind, id, record);
      this.#parts.held.put(row.jid, { ...key, kind }, null);
    }
  }

  /** The row of somebody new, under the next number. */
  #described(wanted: NewPerson): PersonRow {
    const { network, name } = wanted;
    const { table, states } = this.#parts;
    const number = table.lastNumber() + 1;
    const phone =
      wanted.phone === undefined ? this.#freePhone(network, number) : this.phone(network, wanted.phone);
    const username = network === "messenger" ? this.#username(wanted, number) : (wanted.username ?? null);
    const user = network === "whatsapp" ? phone?.slice(1) : String(100_000_000_000_000 + number);
    return {
      id: `${network === "whatsapp" ? "wa" : "ms"}-${number}`,
      network,
      jid: `${user}@${serverOf[network]}`,
      name,
      phone,
      username,
      optedIn: wanted.optedIn ?? true,
      apps: wanted.apps ?? states.integrators(network).map((one) => one.id),
      online: true,
      inboxMode: "separate",
      gone: false,
      load: wanted.load ?? false,
    };
  }

  #freePhone(network: NetworkName, number: number): string | null {
    if (network !== "whatsapp") return null;
    for (let digits = 10_000_000 + number; ; digits += 1_000_000) {
      const phone = `+3197${digits}`;
      if (!this.#parts.table.hasPhone(network, phone)) return phone;
    }
  }

  #username({ network, name, username }: NewPerson, number: number): string {
    const has = (wanted: string): boolean => this.#parts.table.hasUsername(network, wanted);
    if (username !== undefined) {
      const plain = plainName(username);
      if (has(plain)) throw taken();
      return plain;
    }
    const base = plainName(name)
      .normalize("NFKD")
      .replace(/[^a-z0-9]+/g, ".")
      .replace(/^\.|\.$/g, "");
    return base === "" || has(base) ? `${base || "user"}.${number}` : base;
  }

  #index(): void {
    this.#byJid.clear();
    for (const person of this.#byId.values()) {
      if (!person.row.gone) this.#byJid.set(person.row.jid, person);
    }
  }
}

const taken = (): HttpError =>
  new HttpError(409, "taken", "Somebody on this network already has this number or username.");

function firstPrekeys(pair: NewIdentity["pair"]) {
  return (first: number): readonly NewPrekey[] => [
    newSignedPrekey(first, pair),
    newKyberPrekey(first, "last", pair),
    ...oneTimePrekeys(first + 1, prekeyStock, pair),
  ];
}
