import { faultOf } from "../../../../core/ports/log.ts";
import type { Writes } from "../../../../core/ports/store.ts";
import type { Connection } from "../../connection/connection.ts";
import { undecryptable } from "../../convert/to-bridge.ts";
import { type Node, node } from "../../wire/node.ts";
import { bundleNodes, registrationNode } from "../key-stanzas.ts";
import type { LoginContext } from "../login-context.ts";
import { addressed } from "../receipts.ts";
import { LONGEST_RETRY_DELAY, type UndecryptableMessage } from "./undecryptable-messages.ts";

/** A retry receipt, and the writes of its keys, which must be on disk before it leaves. */
export interface PreparedRetryReceipt {
  readonly receipt: Node;
  record(tx: Writes): void;
}

/** Makes the receipt that asks for a message again, with new keys for a new session. */
export async function prepareRetryReceipt(
  context: LoginContext,
  { group, sender, id, t, count }: UndecryptableMessage,
): Promise<PreparedRetryReceipt> {
  const { bundle, record } = await context.supply.bundleForRetry();
  const receipt = node("receipt", { type: "retry", id, ...addressed(group, sender) }, [
    node("retry", { count: String(count), id, t, v: "1" }),
    registrationNode(bundle.registrationId),
    node("keys", {}, bundleNodes(bundle)),
  ]);
  return { receipt, record };
}

/** The shortest wait, in milliseconds, until the next check: usually, and after a failure. */
const LEAST_WAIT = 50;
const WAIT_AFTER_FAULT = 5_000;

/** Asks again for undecryptable messages that do not come, and in the end says so in the room. */
export class RetryRequester {
  readonly #context: LoginContext;
  readonly #connection: () => Connection | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(context: LoginContext, connection: () => Connection | undefined) {
    this.#context = context;
    this.#connection = connection;
  }

  /** Sets the timer anew; called when the undecryptable messages may have changed. */
  arm(least = LEAST_WAIT): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const next = this.#context.undecryptable.nextDue();
    if (next === undefined || this.#stopped) return;
    const wait = Math.min(LONGEST_RETRY_DELAY, Math.max(least, next - this.#context.clock.now()));
    this.#cancel = this.#context.clock.after(wait, () => void this.#check());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #check(): Promise<void> {
    const connection = this.#connection();
    // Without a connection nothing could have come. The next connection arms the timer again.
    if (!connection || this.#stopped) return;
    const { undecryptable: list, clock, log, login } = this.#context;
    try {
      for (const entry of list.due(clock.now())) await this.#handleDue(entry, connection);
      this.arm();
    } catch (error) {
      log.warn("a missing message could not be asked for", { login, ...faultOf(error) });
      this.arm(WAIT_AFTER_FAULT);
    }
  }

  async #handleDue(message: UndecryptableMessage, connection: Connection): Promise<void> {
    const { undecryptable: list } = this.#context;
    const undo = list.savepoint(message);
    try {
      await this.#askAgain(message, connection);
    } catch (error) {
      undo();
      throw error;
    }
  }

  async #askAgain(message: UndecryptableMessage, connection: Connection): Promise<void> {
    const { undecryptable: list, sink, clock } = this.#context;
    const entry = list.countFailure(message, clock.now());
    if (!entry) {
      const { group, sender, id, at, name } = message;
      const envelope = { ...(group !== undefined && { group }), sender, id, at, senderName: name };
      await sink.accept([undecryptable(envelope)], (tx) => list.record(tx));
      return;
    }
    const retry = await prepareRetryReceipt(this.#context, entry);
    await sink.accept([], (tx) => {
      retry.record(tx);
      list.record(tx);
    });
    connection.send(retry.receipt);
  }
}
