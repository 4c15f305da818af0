import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { FlowWorld } from "./flow-world.ts";

const refused = (): void => undefined;

/**
 * What people do, as a homeserver tells of it: pushed until it is answered, and by the audit stream, which alone brings
 * what happens in a gap and is not pushed.
 */
export class PushedEvents {
  readonly #world: FlowWorld;
  /** In the homeserver's order; the audit stream's token is an index of it. */
  readonly #log: MatrixEvent[] = [];
  readonly #unanswered = new Set<MatrixEvent>();
  #gap = false;

  constructor(world: FlowWorld) {
    this.#world = world;
    world.catchUp = () => this.#sync();
  }

  happens(event: MatrixEvent, pushed = true): void {
    this.#log.push(event);
    if (!pushed && this.#gap) return;
    this.#unanswered.add(event);
    // Pushes unanswered transactions again, as a homeserver does.
    this.#push().catch(refused);
  }

  openGap(): void {
    this.#gap = true;
    this.#world.bridge.intake.gapOpened();
  }

  async closeGap(): Promise<void> {
    await this.#sync();
    await this.#world.bridge.intake.gapClosed();
    this.#gap = false;
  }

  /** The bridge starts anew, which ends a gap. */
  started(): void {
    this.#gap = false;
  }

  async pushRest(): Promise<void> {
    await this.#push();
  }

  async #push(): Promise<void> {
    const waiting = Array.from(this.#unanswered);
    await this.#world.bridge.intake.take(waiting, "push");
    for (const one of waiting) this.#unanswered.delete(one);
  }

  async #sync(): Promise<void> {
    const { store, bridge } = this.#world;
    const since = Number((await store.records.get("sync", "token")) ?? 0);
    const upTo = String(this.#log.length);
    await bridge.intake.take(this.#log.slice(since), "sync", upTo);
  }
}
