import { faultOf } from "../../../../core/ports/log.ts";
import type { Writes } from "../../../../core/ports/store.ts";
import type { Connection } from "../../connection/connection.ts";
import { undecryptable } from "../../convert/to-bridge.ts";
import { type Node, node } from "../../wire/node.ts";
import { bundleNodes, registrationNode } from "../key-stanzas.ts";
import type { Scene } from "../login-context.ts";
import { LONGEST_PATIENCE, type Undecryptable } from "./undecryptable-messages.ts";

/** A retry receipt, and the keys of it that must be on disk before it leaves. */
export interface PreparedRetry {
  readonly receipt: Node;
  record(tx: Writes): void;
}

/** Asks for a message again, with fresh keys for a new session. */
export async function prepareRetry(
  scene: Scene,
  { sender, id, t, count }: Undecryptable,
): Promise<PreparedRetry> {
  const { bundle, record } = await scene.supply.bundleForRetry();
  const receipt = node("receipt", { type: "retry", id, to: sender }, [
    node("retry", { count: String(count), id, t, v: "1" }),
    registrationNode(bundle.registrationId),
    node("keys", {}, bundleNodes(bundle)),
  ]);
  return { receipt, record };
}

/** Milliseconds until the next look, at least: usually, and where the last one failed. */
const SOON = 50;
const AFTER_FAULT = 5_000;

/** Watches over messages that were asked for and do not come: asks again, and in the end says so in the room. */
export class RetryWatch {
  readonly #scene: Scene;
  readonly #connection: () => Connection | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(scene: Scene, connection: () => Connection | undefined) {
    this.#scene = scene;
    this.#connection = connection;
  }

  /** To be called when the book may have changed. */
  arm(least = SOON): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const next = this.#scene.retries.next();
    if (next === undefined || this.#stopped) return;
    const wait = Math.min(LONGEST_PATIENCE, Math.max(least, next - this.#scene.clock.now()));
    this.#cancel = this.#scene.clock.after(wait, () => void this.#look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    const connection = this.#connection();
    // Without a connection nothing could have come; the next one arms again.
    if (!connection || this.#stopped) return;
    const { retries, clock, log, login } = this.#scene;
    try {
      for (const entry of retries.due(clock.now())) await this.#overdue(entry, connection);
      this.arm();
    } catch (error) {
      log.warn("a missing message could not be asked for", { login, ...faultOf(error) });
      this.arm(AFTER_FAULT);
    }
  }

  async #overdue(message: Undecryptable, connection: Connection): Promise<void> {
    const { retries } = this.#scene;
    const putBack = retries.keep(message.sender, message.id);
    try {
      await this.#askAgain(message, connection);
    } catch (error) {
      putBack();
      throw error;
    }
  }

  async #askAgain(message: Undecryptable, connection: Connection): Promise<void> {
    const { retries, sink, clock } = this.#scene;
    const entry = retries.failed(message, clock.now());
    if (!entry) {
      const { sender, id, at, name } = message;
      await sink.accept([undecryptable({ sender, id, at, senderName: name })], (tx) => retries.record(tx));
      return;
    }
    const retry = await prepareRetry(this.#scene, entry);
    await sink.accept([], (tx) => {
      retry.record(tx);
      retries.record(tx);
    });
    connection.send(retry.receipt);
  }
}
