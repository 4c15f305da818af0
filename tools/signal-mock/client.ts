import { setTimeout as pause } from "node:timers/promises";
import type { Json } from "../matrix/api.ts";
import { Phone, SandboxControl } from "../sandbox/control.ts";

/** What goes wrong at the mock; `fault-routes.ts` has them all. */
export type FaultOrder = Json & { readonly fault: string };

/** The control API of a mock that runs as a process of its own. */
export class SignalControl {
  readonly #api: SandboxControl;

  /** @param origin its address without a path. */
  constructor(origin: string) {
    this.#api = new SandboxControl(origin);
  }

  get origin(): string {
    return this.#api.origin;
  }

  /** The section `networks.signal` of the bridge's configuration. */
  async section(): Promise<Json> {
    return (await this.#api.root())["section"] as Json;
  }

  /** The phone of the person of this name, who gets a number and an account at the first call; `account`: its id. */
  async person(name: string, account?: string): Promise<SignalPhone> {
    const known = account === undefined ? {} : { aci: account };
    const { aci, number } = await this.#api.call("POST", "/people", { name, ...known });
    return new SignalPhone(this.#api, name, String(number), String(aci));
  }

  async people(): Promise<readonly { readonly name: string; readonly aci: string }[]> {
    const { people } = await this.#api.call("GET", "/people");
    return people as { name: string; aci: string }[];
  }

  /** The linked devices of everybody; `visible_id` is the account's. */
  users(): ReturnType<SandboxControl["users"]> {
    return this.#api.users();
  }

  async fails(order: FaultOrder): Promise<void> {
    await this.#api.call("POST", "/faults", order);
  }

  /** All is as usual from here on, and what was held goes on. */
  async mends(): Promise<void> {
    await this.#api.call("DELETE", "/faults");
  }
}

/** A message that a phone was sent, with the fields of Signal's protobufs; `content` is null where it was unreadable. */
export interface Heard {
  readonly seq: number;
  readonly from: string;
  readonly device: number;
  readonly to: "aci" | "pni";
  readonly sealed: boolean;
  readonly content: { readonly content: Json | null } | null;
}

/** A phone with Signal, played through the control API; whom it writes to is named by name, number or account. */
export class SignalPhone extends Phone {
  readonly #api: SandboxControl;

  constructor(api: SandboxControl, ...named: [person: string, externalId: string, jid: string]) {
    super(api, ...named);
    this.#api = api;
  }

  /** The account's id. */
  get aci(): string {
    return this.jid;
  }

  /** Scans a QR code and says yes; resolves when the new device has handed in its keys. */
  async scans(qr: string): Promise<void> {
    await this.does("scans", { qr });
  }

  /** All that the phone was sent, in order. */
  async everythingHeard(): Promise<readonly Heard[]> {
    const answer = await this.#api.call("GET", `/people/${encodeURIComponent(this.person)}/heard`);
    return answer["heard"] as readonly Heard[];
  }

  /** A content that matches, heard before or after this call; see {@link Heard}. */
  async hearsRaw(
    what: string,
    matches: (content: Json, heard: Heard) => boolean,
    seconds = 30,
  ): Promise<Heard> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const all = await this.everythingHeard();
      const found = all.find((heard) => heard.content?.content && matches(heard.content.content, heard));
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${this.person} waited ${seconds} s in vain for ${what}`);
      await pause(50);
    }
  }

  /** The fields of a data message that matches. */
  async fieldsOf(what: string, matches: (data: Json) => boolean): Promise<Json> {
    const dataOf = (content: Json): Json | undefined => content["dataMessage"] as Json | undefined;
    const heard = await this.hearsRaw(what, (content) => matches(dataOf(content) ?? {}));
    return dataOf(heard.content?.content ?? {}) ?? {};
  }

  /** The fields of the data message that has this text. */
  fields(text: string): Promise<Json> {
    return this.fieldsOf(`the text "${text}"`, ({ body }) => body === text);
  }

  /** What the account stores of a contact, whichever device wrote it. */
  async stored({ aci }: SignalPhone): Promise<Json | null> {
    const path = `/people/${encodeURIComponent(this.person)}/stored?contact=${aci}`;
    return (await this.#api.call("GET", path))["stored"] as Json | null;
  }
}
