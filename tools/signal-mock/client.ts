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

  /** The phone of the person of this name, who gets a number and an account at the first call. */
  async person(name: string): Promise<SignalPhone> {
    const { aci, number } = await this.#api.call("POST", "/people", { name });
    return new SignalPhone(this.#api, name, String(number), String(aci));
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

/** A phone with Signal, played through the control API; whom it writes to is named by name, number or account. */
export class SignalPhone extends Phone {
  /** The account's id. */
  get aci(): string {
    return this.jid;
  }

  /** Scans a QR code and says yes; resolves when the new device has handed in its keys. */
  async scans(qr: string): Promise<void> {
    await this.does("scans", { qr });
  }
}
