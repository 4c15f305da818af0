import { ProtocolAddress } from "@signalapp/libsignal-client";
import { type Account, accountJid } from "../state/accounts.ts";
import type { PersonRow } from "../state/person-table.ts";
import type { PersonParts } from "./person-parts.ts";
import type { PrekeyServer } from "./prekey-server.ts";
import { identityOf, onlyDevice } from "./signal-bundle.ts";
import { SignalState } from "./signal-state.ts";

interface Addresses {
  readonly local: ProtocolAddress;
  readonly remote: ProtocolAddress;
}

/**
 * One of the gatekeeper's own users: their row, their Signal state, and their lane, which runs one job after the other.
 * What a person can do is in the files beside this one.
 */
export class Person {
  readonly parts: PersonParts;
  readonly prekeyServer: PrekeyServer;
  readonly signal: SignalState;
  #row: PersonRow;
  #lane: Promise<unknown> = Promise.resolve();
  readonly #addresses = new Map<number, Addresses>();

  constructor(row: PersonRow, parts: PersonParts, prekeyServer: PrekeyServer) {
    const secrets = parts.personTable.secrets(row.id);
    if (secrets === undefined) throw new Error("a person has no keys");
    this.parts = parts;
    this.prekeyServer = prekeyServer;
    this.#row = row;
    const { registration } = secrets;
    const identity = { pair: identityOf(secrets.identity), registration };
    this.signal = new SignalState(row.id, identity, parts.signal, parts.commits);
  }

  get id(): string {
    return this.#row.id;
  }
  get row(): PersonRow {
    return this.#row;
  }

  /** The addresses of this person and of an integrator's user, for libsignal. */
  addresses(account: Account): Addresses {
    const cached = this.#addresses.get(account.id);
    if (cached !== undefined) return cached;
    const made = {
      local: ProtocolAddress.new(this.#row.jid, onlyDevice),
      remote: ProtocolAddress.new(accountJid(account), onlyDevice),
    };
    this.#addresses.set(account.id, made);
    return made;
  }

  /** The names by which a fault rule may mean this person. */
  get names(): readonly string[] {
    return [this.#row.id, this.#row.jid];
  }

  /** Runs a job after all earlier ones of this person. */
  inLane<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#lane.then(job);
    this.#lane = result.catch(() => undefined);
    return result;
  }

  /** Why this integrator's users cannot write to this person; undefined when they can. */
  unreachable(integrator: number): "off" | "app" | "ended" | undefined {
    const { states } = this.parts;
    const { network, optedIn, apps } = this.#row;
    if (states.of(network).ended || states.integrator(network, integrator)?.status !== "active")
      return "ended";
    if (!optedIn) return "off";
    return apps.includes(integrator) ? undefined : "app";
  }

  /** Commits a change of the row together with `also`. */
  async change(fields: Partial<PersonRow>, also: () => void = () => undefined): Promise<void> {
    const row = { ...this.#row, ...fields };
    await this.parts.commits.commit(() => {
      this.parts.personTable.update(row);
      also();
    });
    if (row.jid !== this.#row.jid) this.#addresses.clear();
    this.#row = row;
  }
}
