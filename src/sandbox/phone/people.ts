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
import type { PrekeyServer } from "./prekey-server.ts";
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

const normalizePhone = (phone: string): string => phone.replace(/[\s().-]/g, "").replace(/^00/, "+");
const normalizeName = (name: string): string => name.replace(/^@/, "").toLowerCase();
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
  readonly #prekeyServer: PrekeyServer;
  readonly #byId = new Map<string, Person>();
  readonly #byJid = new Map<string, Person>();

  constructor(parts: PersonParts, prekeyServer: PrekeyServer) {
    this.#parts = parts;
    this.#prekeyServer = prekeyServer;
    for (const row of parts.personTable.all()) this.#byId.set(row.id, new Person(row, parts, prekeyServer));
    this.#rebuildIndex();
  }

  all(): readonly Person[] {
    return [...this.#byId.values()];
  }

  get(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  /** The person at this address, whatever its device part; undefined for somebody who has left. */
  byJid(jid: string): Person | undefined {
    const person = this.#byJid.get(jid.replace(/:\d+@/, "@"));
    return person?.row.gone === false ? person : undefined;
  }

  /** The person whom a client looks up by phone, username, account number, or a display name that only one person has. */
  find(network: NetworkName, external: string): Person | undefined {
    const there = this.all().filter(({ row }) => row.network === network && !row.gone);
    const phone = normalizePhone(external);
    const name = normalizeName(external.trim());
    const exact = there.find(({ row }) =>
      network === "whatsapp"
        ? row.phone === phone || row.phone === `+${phone}`
        : row.username === name || row.jid.split("@")[0] === external.trim(),
    );
    if (exact !== undefined || network === "whatsapp") return exact;
    const named = there.filter(({ row }) => row.name.toLowerCase() === name);
    return named.length === 1 ? named[0] : undefined;
  }

  /** The names by which a fault rule may mean the person of this JID. */
  namesOf(jid: string | undefined): readonly (string | undefined)[] {
    return jid === undefined ? [] : [jid, this.#byJid.get(jid.replace(/:\d+@/, "@"))?.id];
  }

  async create(wanted: NewPerson): Promise<Person> {
    const { personTable, commits, heldPrekeys } = this.#parts;
    const identity = newIdentity();
    const prekeys = firstPrekeys(identity.pair);
    // The number is chosen inside the commit, which sees people made at the same time and is rolled back for a refused one.
    const row = await commits.commit(() => {
      const row = this.#newRow(wanted);
      if (personTable.has(row.jid)) throw identifierTaken();
      personTable.release(row.jid);
      heldPrekeys.forget(row.jid);
      personTable.insert(row, { registration: identity.registration, identity: identity.pair.serialize() });
      this.#saveNewPrekeys(row, prekeys);
      return row;
    });
    const person = new Person(row, this.#parts, this.#prekeyServer);
    this.#byId.set(row.id, person);
    this.#rebuildIndex();
    return person;
  }

  /** The person sets up a new phone: new identity and prekeys, no sessions, no texts of sent messages. Call it in their lane. */
  async reinstall(person: Person): Promise<void> {
    const { personTable, commits, signal, heldPrekeys, messages } = this.#parts;
    const identity = newIdentity();
    const prekeys = firstPrekeys(identity.pair);
    await commits.commit(() => {
      signal.forget(person.id);
      messages.emptySent(person.id);
      heldPrekeys.forget(person.row.jid);
      personTable.setSecrets(person.id, {
        registration: identity.registration,
        identity: identity.pair.serialize(),
      });
      this.#saveNewPrekeys(person.row, prekeys);
    });
    person.signal.replace(identity);
  }

  /** To be called when a person's address has changed or somebody left. */
  reindex(): void {
    this.#rebuildIndex();
  }

  /** The number in E.164; throws when it is malformed or somebody on the network has it. */
  checkPhone(network: NetworkName, given: string): string {
    const phone = normalizePhone(given);
    if (!phoneForm.test(phone))
      throw new HttpError(400, "malformed", "A phone number is written as +31612345678.");
    if (this.#parts.personTable.hasPhone(network, phone)) throw identifierTaken();
    return phone;
  }

  /**
   * The bundle that starts a session with somebody, whose one-time keys are then filled up; undefined without keys. Call
   * it inside a commit. It reads tables, as `Person` still has the old identity while a reinstallation commits.
   */
  bundle({ row }: Person, exhausted: boolean): Bundle | undefined {
    const { personTable, heldPrekeys } = this.#parts;
    const secrets = personTable.secrets(row.id);
    const keys = heldPrekeys.handOut(row.jid, exhausted);
    if (secrets === undefined || keys === undefined) return undefined;
    const pair = identityOf(secrets.identity);
    this.#refill(row, pair);
    return { registration: secrets.registration, identity: rawKey(pair.publicKey), ...keys };
  }

  #refill(row: PersonRow, pair: NewIdentity["pair"]): void {
    const { personTable, heldPrekeys } = this.#parts;
    const { ec, kyber } = heldPrekeys.count(row.jid);
    if (ec > prekeyStock / 2 && kyber > prekeyStock / 2) return;
    this.#savePrekeys(
      row,
      oneTimePrekeys(personTable.reservePrekeys(row.id, prekeyStock), prekeyStock, pair),
    );
  }

  #saveNewPrekeys(row: PersonRow, make: (first: number) => readonly NewPrekey[]): void {
    this.#savePrekeys(row, make(this.#parts.personTable.reservePrekeys(row.id, prekeyStock + 1)));
  }

  #savePrekeys(row: PersonRow, prekeys: readonly NewPrekey[]): void {
    for (const { kind, id, record, public: key } of prekeys) {
      this.#parts.signal.savePrekey(row.id, kind, id, record);
      this.#parts.heldPrekeys.put(row.jid, { ...key, kind }, null);
    }
  }

  /** The row of a new person, with the next number. */
  #newRow(wanted: NewPerson): PersonRow {
    const { network, name } = wanted;
    const { personTable, states } = this.#parts;
    const number = personTable.lastNumber() + 1;
    const phone =
      wanted.phone === undefined ? this.#freePhone(network, number) : this.checkPhone(network, wanted.phone);
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
      picture: null,
    };
  }

  #freePhone(network: NetworkName, number: number): string | null {
    if (network !== "whatsapp") return null;
    for (let digits = 10_000_000 + number; ; digits += 1_000_000) {
      const phone = `+3197${digits}`;
      if (!this.#parts.personTable.hasPhone(network, phone)) return phone;
    }
  }

  #username({ network, name, username }: NewPerson, number: number): string {
    const has = (wanted: string): boolean => this.#parts.personTable.hasUsername(network, wanted);
    if (username !== undefined) {
      const plain = normalizeName(username);
      if (has(plain)) throw identifierTaken();
      return plain;
    }
    const base = normalizeName(name)
      .normalize("NFKD")
      .replace(/[^a-z0-9]+/g, ".")
      .replace(/^\.|\.$/g, "");
    return base === "" || has(base) ? `${base || "user"}.${number}` : base;
  }

  #rebuildIndex(): void {
    this.#byJid.clear();
    for (const person of this.#byId.values()) {
      if (!person.row.gone) this.#byJid.set(person.row.jid, person);
    }
  }
}

const identifierTaken = (): HttpError =>
  new HttpError(409, "taken", "Somebody on this network already has this number or username.");

function firstPrekeys(pair: NewIdentity["pair"]) {
  return (first: number): readonly NewPrekey[] => [
    newSignedPrekey(first, pair),
    newKyberPrekey(first, "last", pair),
    ...oneTimePrekeys(first + 1, prekeyStock, pair),
  ];
}
