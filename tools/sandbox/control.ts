import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Json } from "../matrix/api.ts";

/** An item on a phone; its optional fields depend on `kind`. */
export interface PhoneItem {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  /** Visible id of the sender. */
  readonly from: string;
  readonly from_name: string;
  readonly chat: string;
  readonly at: number;
  /** The phone got a message with a known id again, and did not show it. */
  readonly repeat?: boolean;
  readonly text?: string;
  readonly caption?: string;
  readonly media?: {
    /** SHA-256 of the plain file, in hex. */
    readonly sha256: string;
    readonly size: number;
    readonly mimetype: string;
    readonly name?: string;
  };
  readonly seconds?: number;
  /** Loudness over time, each 0 to 100. */
  readonly waveform?: readonly number[];
  readonly width?: number;
  readonly height?: number;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly name?: string;
  readonly contacts?: readonly { readonly name: string; readonly vcard: string }[];
  readonly target?: string;
  readonly emoji?: string;
  readonly on?: boolean;
  readonly voice?: boolean;
  readonly receipt?: "delivered" | "read" | "played";
  /** What changed of a group, with its members by visible id. */
  readonly change?: string;
  readonly members?: readonly string[];
}

/** A user of the bridge whom the sandbox knows. */
export interface EnlistedUser {
  readonly network: string;
  readonly visible_id: string;
  readonly connected: boolean;
  /** One-time prekeys left of each kind. */
  readonly prekeys: number;
  readonly kyber_prekeys: number;
}

export interface NewContact {
  readonly network: "whatsapp" | "messenger";
  readonly name: string;
  readonly phone?: string;
  readonly username?: string;
  readonly optedIn?: true;
  readonly apps?: readonly number[];
}

/** The sandbox refused; a repeat would be refused too. */
class SandboxRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "SandboxRefusal";
    this.status = status;
  }
}

/** The error of an answer: a refusal, or a failure of the sandbox that may pass. */
function failure(what: string, status: number, body: string): Error {
  const message = `The sandbox answered ${what} with ${status}: ${body}`;
  return status < 500 ? new SandboxRefusal(status, message) : new Error(message);
}

/** The sandbox's control API (`/_sandbox/v1`); `origin` is its address without a path. */
export class SandboxControl {
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async call(method: "GET" | "POST" | "DELETE", path: string, body?: Json): Promise<Json> {
    const response = await fetch(`${this.origin}/_sandbox/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw failure(`${method} ${path}`, response.status, text);
    return JSON.parse(text) as Json;
  }

  root(): Promise<Json> {
    return this.call("GET", "");
  }

  async addContact(contact: NewContact): Promise<Phone> {
    const made = await this.call("POST", "/people", { ...contact });
    return new Phone(this, String(made["person"]), String(made["external_id"]), String(made["jid"]));
  }

  async users(): Promise<readonly EnlistedUser[]> {
    return (await this.call("GET", "/users"))["users"] as EnlistedUser[];
  }

  async violations(): Promise<unknown> {
    return this.call("GET", "/violations");
  }
}

/** A contact's phone, played through the control API. */
export class Phone {
  readonly #control: SandboxControl;
  readonly person: string;
  /** What people type to find the contact: a phone number, or a Messenger username. */
  readonly externalId: string;
  readonly jid: string;

  constructor(control: SandboxControl, person: string, externalId: string, jid: string) {
    this.#control = control;
    this.person = person;
    this.externalId = externalId;
    this.jid = jid;
  }

  /** Runs a verb; answers its message id. */
  async does(verb: string, fields: Json = {}): Promise<string> {
    const answer = await this.#control.call("POST", `/people/${encodeURIComponent(this.person)}/do`, {
      verb,
      ...fields,
    });
    return typeof answer["id"] === "string" ? answer["id"] : "";
  }

  says(to: string, text: string, id?: string): Promise<string> {
    return this.does("says", { to, text, ...(id === undefined ? {} : { id }) });
  }

  /** The file of a message, as the phone has fetched it. */
  async media(id: string): Promise<Uint8Array> {
    const path = `/people/${encodeURIComponent(this.person)}/media/${encodeURIComponent(id)}`;
    const response = await fetch(`${this.#control.origin}/_sandbox/v1${path}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.ok) return bytes;
    throw failure(`GET ${path}`, response.status, Buffer.from(bytes).toString());
  }

  /** The safety number that the phone shows for a user of the bridge. */
  async safety(withWhom: string): Promise<string> {
    const path = `/people/${encodeURIComponent(this.person)}/safety?with=${encodeURIComponent(withWhom)}`;
    return String((await this.#control.call("GET", path))["number"]);
  }

  /** Writes under one message id until the sandbox accepts it. */
  async saysUntilTaken(to: string, text: string): Promise<string> {
    const id = randomBytes(10).toString("hex").toUpperCase();
    for (;;) {
      try {
        return await this.says(to, text, id);
      } catch (error) {
        if (error instanceof SandboxRefusal) throw error;
        await pause(100);
      }
    }
  }

  /** The phone's items after `since`; waits up to `waitMs` for the first. */
  async inbox(
    since = 0,
    waitMs = 0,
  ): Promise<{ readonly items: readonly PhoneItem[]; readonly next: number }> {
    const path = `/people/${encodeURIComponent(this.person)}/inbox?since=${since}&wait=${waitMs}`;
    return (await this.#control.call("GET", path)) as unknown as { items: PhoneItem[]; next: number };
  }

  /** The first item after `since` that matches, shown before or after this call. */
  async shows(
    what: string,
    matches: (item: PhoneItem) => boolean,
    { since = 0, seconds = 30 }: { readonly since?: number; readonly seconds?: number } = {},
  ): Promise<PhoneItem> {
    const deadline = Date.now() + seconds * 1000;
    for (let cursor = since; ; ) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.person} waited ${seconds} s in vain for ${what}`);
      const { items, next } = await this.#inboxUntilThere(cursor, Math.min(left, 20_000), deadline);
      const found = items.find(matches);
      if (found !== undefined) return found;
      cursor = next;
    }
  }

  /** The inbox; asks again while the sandbox is away. */
  async #inboxUntilThere(since: number, waitMs: number, deadline: number): ReturnType<Phone["inbox"]> {
    for (;;) {
      try {
        return await this.inbox(since, waitMs);
      } catch (error) {
        if (error instanceof SandboxRefusal || Date.now() > deadline) throw error;
        await pause(100);
      }
    }
  }

  hears(text: string, options?: { readonly since?: number; readonly seconds?: number }): Promise<PhoneItem> {
    return this.shows(`the text "${text}"`, (item) => item.kind === "text" && item.text === text, options);
  }
}
