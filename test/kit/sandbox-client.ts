/** A typed client of the sandbox's control API, for tests and benchmarks. */

import type { LoadRequest } from "../../src/sandbox/api/load/load-generator.ts";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";

export interface PhoneItem {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly from: string;
  readonly from_name: string;
  readonly chat: string;
  readonly at: number;
  readonly repeat?: true;
  readonly text?: string;
  readonly target?: string;
  readonly emoji?: string;
  readonly on?: boolean;
  readonly voice?: boolean;
  readonly receipt?: "delivered" | "read" | "played";
  /** Of a reaction, or of what an admin deletes: whose message it is about. */
  readonly target_from?: string;
  /** What changed of a group, with its members by visible id. */
  readonly change?: string;
  readonly members?: readonly string[];
}

export interface NewPerson {
  readonly network: "whatsapp" | "messenger";
  readonly name: string;
  readonly phone?: string;
  readonly username?: string;
  readonly optedIn?: boolean;
  readonly apps?: readonly number[];
}

export interface SandboxGroup {
  readonly group: string;
  readonly network: string;
  readonly name: string;
  readonly description: string;
  readonly picture: string | null;
  readonly writes: "admins" | "all";
  readonly changes: "admins" | "all";
  readonly integrator: number | null;
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly jid: string;
    readonly part: "member" | "admin" | "superadmin";
    readonly person: string | null;
  }[];
}

export interface Violation {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly network: string;
  readonly user?: string;
  readonly id?: string;
  readonly words: string;
}

export interface SandboxUser {
  readonly account_id: string;
  readonly jid: string;
  readonly visible_id: string;
  readonly network: string;
  readonly integrator: number;
  readonly connected: boolean;
  readonly prekeys: number;
  readonly kyber_prekeys: number;
  readonly waiting: number;
}

export interface LoadStatus {
  readonly sent: number;
  readonly acked: number;
  readonly delivered: number;
  readonly ms: number;
  readonly done: boolean;
}

export interface SandboxNetwork {
  readonly base: string;
  readonly enlist_url: string;
  readonly chat_url: string;
  readonly root_key: string;
}

/** An answer other than 2xx. */
class SandboxRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, words: string) {
    super(`${status} ${code}: ${words}`);
    this.name = "SandboxRefusal";
    this.status = status;
    this.code = code;
  }
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly words?: string };
}

export class SandboxClient {
  readonly #base: string;

  /** @param origin `http://host:port` of the sandbox. */
  constructor(origin: string) {
    this.#base = `${origin}/_sandbox/v1`;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & ErrorBody;
    if (response.ok) return answer;
    throw new SandboxRefusal(response.status, answer.error?.code ?? "", answer.error?.words ?? "");
  }

  root(): Promise<{
    readonly profile: string;
    readonly networks: Readonly<Record<"whatsapp" | "messenger", SandboxNetwork>>;
    readonly verbs: readonly string[];
    readonly faults: readonly string[];
  }> {
    return this.call("GET", "");
  }

  async person(wanted: NewPerson): Promise<PersonHandle> {
    const made = await this.call<{ person: string; jid: string; external_id: string }>(
      "POST",
      "/people",
      wanted,
    );
    return new PersonHandle(this, made.person, made.jid, made.external_id);
  }

  async people(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.call<{ people: Record<string, unknown>[] }>("GET", "/people")).people;
  }

  async groups(): Promise<readonly SandboxGroup[]> {
    return (await this.call<{ groups: SandboxGroup[] }>("GET", "/groups")).groups;
  }

  async violations(): Promise<readonly Violation[]> {
    return (await this.call<{ violations: Violation[] }>("GET", "/violations")).violations;
  }

  async reports(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.call<{ reports: Record<string, unknown>[] }>("GET", "/reports")).reports;
  }

  async users(): Promise<readonly SandboxUser[]> {
    return (await this.call<{ users: SandboxUser[] }>("GET", "/users")).users;
  }

  async fault(order: FaultRule): Promise<number> {
    return (await this.call<{ id: number }>("POST", "/faults", order)).id;
  }

  clearFaults(): Promise<unknown> {
    return this.call("DELETE", "/faults");
  }

  network(name: "whatsapp" | "messenger", change: unknown): Promise<unknown> {
    return this.call("POST", `/networks/${name}`, change);
  }

  load(order: LoadRequest): Promise<unknown> {
    return this.call("POST", "/load", order);
  }

  loadStatus(): Promise<LoadStatus> {
    return this.call("GET", "/load");
  }
}

interface Wait {
  readonly since?: number;
  readonly ms?: number;
}

/** Somebody on WhatsApp or Messenger. */
export class PersonHandle {
  readonly #client: SandboxClient;
  readonly id: string;
  readonly jid: string;
  readonly externalId: string;

  constructor(client: SandboxClient, id: string, jid: string, externalId: string) {
    this.#client = client;
    this.id = id;
    this.jid = jid;
    this.externalId = externalId;
  }

  async does(verb: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.#client.call<{ id: string }>("POST", `/people/${this.id}/do`, { verb, ...fields })).id;
  }

  says(to: string, text: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.does("says", { to, text, ...fields });
  }

  inbox(since = 0, wait = 0): Promise<{ readonly items: readonly PhoneItem[]; readonly next: number }> {
    return this.#client.call("GET", `/people/${this.id}/inbox?since=${since}&wait=${wait}`);
  }

  async safety(user: string): Promise<string> {
    const path = `/people/${this.id}/safety?with=${encodeURIComponent(user)}`;
    return (await this.#client.call<{ number: string }>("GET", path)).number;
  }

  /** The first item that matches, there already or to come; arm it before the act and await it after. */
  async shows(
    matches: (item: PhoneItem) => boolean,
    { since = 0, ms = 20_000 }: Wait = {},
  ): Promise<PhoneItem> {
    const deadline = performance.now() + ms;
    for (let cursor = since; ; ) {
      const left = Math.ceil(deadline - performance.now());
      if (left <= 0) throw new Error(`${this.id} did not show it within ${ms} ms`);
      const { items, next } = await this.inbox(cursor, Math.min(left, 60_000));
      const found = items.find(matches);
      if (found !== undefined) return found;
      cursor = next;
    }
  }

  hears(text: string, wait?: Wait): Promise<PhoneItem> {
    return this.shows((item) => item.kind === "text" && item.text === text && item.repeat !== true, wait);
  }
}
