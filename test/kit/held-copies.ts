import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { UserId } from "../../src/core/model/ids.ts";
import type { FlowWorld } from "./flow-world.ts";

const refused = (): void => undefined;

/** Brings what happens on the network to people of ours, in order; what one of them gets can be held up, and repeated. */
export class HeldCopies {
  readonly #world: FlowWorld;
  readonly #held = new Map<string, RemoteEvent[]>();
  readonly #told = new Map<string, RemoteEvent[]>();

  constructor(world: FlowWorld) {
    this.#world = world;
  }

  async bring(account: string, event: RemoteEvent): Promise<void> {
    const held = this.#held.get(account);
    if (held) return void held.push(event);
    const told = this.#told.get(account) ?? [];
    this.#told.set(account, told);
    told.push(event);
    await this.#world.network.clientOf(account as UserId).brings(event);
  }

  hold(user: UserId): void {
    if (!this.#held.has(user)) this.#held.set(user, []);
  }

  letGo(user: UserId): void {
    const held = this.#held.get(user) ?? [];
    this.#held.delete(user);
    for (const event of held) this.bring(user, event).catch(refused);
  }

  /** Brings again what came `nth` before the last. */
  repeat(user: UserId, nth: number): void {
    const event = this.#told.get(user)?.at(-1 - nth);
    if (event && !this.#held.has(user))
      this.#world.network
        .clientOf(user)
        .brings({ ...event })
        .catch(refused);
  }
}
