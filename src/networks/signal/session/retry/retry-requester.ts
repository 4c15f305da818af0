import { ContentHint, PlaintextContent } from "@signalapp/libsignal-client";
import type { RemoteEvent } from "../../../../core/model/events.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import { decryptionErrorFor } from "../../../../signal-protocol/decryption-errors.ts";
import { chatWith, messageIdOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import type { Batch } from "../batch.ts";
import { deliver } from "../deliver.ts";
import { unreadChat } from "../groups/group-members.ts";
import type { OpenedMessage } from "../open-envelope.ts";
import {
  LONGEST_DELAY,
  type UndecryptableMessage,
  type UndecryptableMessages,
} from "./undecryptable-messages.ts";

/** The shortest wait, in milliseconds, until the next check: usually, and after a failure. */
const LEAST_WAIT = 50;
const WAIT_AFTER_FAULT = 5_000;

/** Asks the senders of what could not be decrypted for it, and in the end says in the room that it did not come. */
export class RetryRequester {
  readonly #context: LoginContext;
  readonly #list: UndecryptableMessages;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(context: LoginContext, list: UndecryptableMessages) {
    this.#context = context;
    this.#list = list;
  }

  /** A message that was awaited, or any other, was decrypted. */
  arrived(batch: Batch, sender: PersonId, timestamp: number): void {
    const message = { sender, timestamp };
    if (!this.#list.has(message)) return;
    batch.undo.push(this.#list.savepoint(message));
    this.#list.remove(message);
    batch.writes.push((tx) => this.#list.record(tx));
  }

  /** A message could not be decrypted: it is asked for, unless it is known. Rejects only where the store fails. */
  async failed(batch: Batch, opened: OpenedMessage, reason: string): Promise<void> {
    const { log, login, store, clock } = this.#context;
    const { sender, from, timestamp, at, type, bytes, hint } = opened;
    const id = messageIdOf({ author: sender, timestamp });
    const chat = await unreadChat(this.#context, batch, opened);
    if (await store.networkInbox.hasTaken(login, { chat, sender, id })) {
      log.debug("a known message came again in another ciphertext", { login, message: timestamp });
      return;
    }
    log.warn("a message could not be decrypted", { login, message: timestamp, reason });
    // Of our own other device it is not known in which chat it would stand.
    const shown = hint !== "implicit" && sender !== this.#context.own;
    const request =
      type === "plaintext" ? undefined : decryptionErrorFor({ type, bytes, timestamp, device: from.device });
    const message = { sender, timestamp };
    batch.undo.push(this.#list.savepoint(message));
    const entry =
      request &&
      this.#list.countFailure(
        { ...message, chat, at, shown, request: Buffer.from(request).toString("base64") },
        clock.now(),
      );
    batch.writes.push((tx) => this.#list.record(tx));
    if (entry) batch.afterwards.push(() => this.#send(entry));
    else if (shown) batch.events.push(undecryptable({ ...message, chat }, at));
  }

  /** Sets the timer anew; called when connected, and when something may be awaited. */
  arm(least = LEAST_WAIT): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const next = this.#list.nextDue();
    if (next === undefined || this.#stopped) return;
    const { clock } = this.#context;
    const wait = Math.min(LONGEST_DELAY, Math.max(least, next - clock.now()));
    this.#cancel = clock.after(wait, () => {
      this.#running = this.#check();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  async #check(): Promise<void> {
    const { clock, log, login } = this.#context;
    try {
      for (const entry of this.#list.due(clock.now())) await this.#handleDue(entry);
      this.arm();
    } catch (error) {
      log.warn("a missing message could not be asked for", { login, ...faultOf(error) });
      this.arm(WAIT_AFTER_FAULT);
    }
  }

  async #handleDue(message: UndecryptableMessage): Promise<void> {
    const { sink, clock } = this.#context;
    const undo = this.#list.savepoint(message);
    try {
      const entry = this.#list.countFailure(message, clock.now());
      const isOver = !entry && message.shown;
      await sink.accept(isOver ? [undecryptable(message, message.at)] : [], (tx) => this.#list.record(tx));
      if (entry) this.#send(entry);
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** A request that is lost is repeated when its wait is over. */
  #send({ sender, request }: UndecryptableMessage): void {
    const { store, clock, log, login } = this.#context;
    this.arm();
    deliver(this.#context, {
      to: sender,
      plaintext: PlaintextContent.deserialize(Uint8Array.from(Buffer.from(request, "base64"))),
      timestamp: clock.now(),
      hint: ContentHint.Implicit,
      commit: (record) => store.write(record),
    }).catch((error: unknown) => {
      log.warn("a message could not be asked for again", { login, ...faultOf(error) });
    });
  }
}

function undecryptable(
  { sender, timestamp, chat }: Pick<UndecryptableMessage, "sender" | "timestamp" | "chat">,
  at: number,
): RemoteEvent {
  return {
    kind: "undecryptable",
    chat: chat ?? chatWith(sender),
    sender,
    id: messageIdOf({ author: sender, timestamp }),
    at,
  };
}
