import type { LoginId } from "../model/ids.ts";
import type { Guard } from "../ports/guards.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import { EventContexts, type EventContextsParts } from "./event-contexts.ts";
import { MAX_TRIES } from "./network-inbox-queue.ts";

/** The contexts of a batch's events, for each login whose events they are. */
export class BatchContexts {
  readonly #parts: EventContextsParts;
  readonly #network: Network;
  readonly #byLogin = new Map<LoginId, EventContexts>();

  constructor(parts: EventContextsParts, network: Network) {
    this.#parts = parts;
    this.#network = network;
  }

  of(login: Login): EventContexts {
    const made =
      this.#byLogin.get(login.id) ?? new EventContexts(this.#parts, login, this.#network, MAX_TRIES);
    this.#byLogin.set(login.id, made);
    return made;
  }

  /** Guards that what the contexts say of the portals still holds. */
  get guards(): readonly Guard[] {
    return Array.from(this.#byLogin.values()).flatMap(({ guards }) => guards);
  }

  forget(): void {
    for (const one of this.#byLogin.values()) one.forget();
  }
}
