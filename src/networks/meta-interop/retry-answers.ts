import { BridgeError } from "../../core/errors.ts";
import type { PersonId } from "../../core/ids.ts";
import { faultOf } from "../../core/log.ts";
import type { Connection } from "./connection.ts";
import { chatWith, messageId } from "./ids.ts";
import { readBundle } from "./key-stanzas.ts";
import { messageStanza } from "./outgoing-messages.ts";
import type { Plaintexts } from "./plaintexts.ts";
import { RETRIES } from "./retry-book.ts";
import type { Scene } from "./scene.ts";
import { encryptFor, fetchBundle, startSession } from "./sessions.ts";
import { child, type Node, node } from "./wire/node.ts";

export interface AnswerJob {
  readonly kind: "again";
  readonly stanza: Node;
  readonly connection: Connection;
}

const REMEMBERED = 1_000;

/** Messages of ours that a contact could not decrypt: the same plaintext under the same id, at most five times. */
export class RetryAnswers {
  readonly #scene: Scene;
  readonly #plaintexts: Plaintexts;
  readonly #given = new Map<string, number>();

  constructor(scene: Scene, plaintexts: Plaintexts) {
    this.#scene = scene;
    this.#plaintexts = plaintexts;
  }

  async answer(contact: PersonId, { stanza, connection }: AnswerJob): Promise<void> {
    const { log, login } = this.#scene;
    const { id = "", from } = stanza.attrs;
    try {
      await this.#again(contact, stanza, connection);
    } catch (error) {
      log.warn("a message could not be sent again", { login, message: id, ...faultOf(error) });
      // Not acknowledged, so that it comes again with the next connection; unless it would never go.
      if (!(error instanceof BridgeError) || error.retryAfter !== undefined) return;
    }
    connection.send(node("ack", { class: "receipt", id, to: from, type: "retry" }));
  }

  async #again(contact: PersonId, stanza: Node, connection: Connection): Promise<void> {
    const { signal, sink, log, login } = this.#scene;
    const id = messageId(stanza.attrs["id"] ?? "");
    if (!this.#allowed(`${contact} ${id}`)) {
      log.warn("a message was asked for too often", { login, message: id });
      return;
    }
    const chat = chatWith(contact);
    const outgoing = await sink.again(chat, id);
    const plaintext = outgoing && (await this.#plaintexts.again(chat, id, outgoing));
    if (!plaintext) {
      log.warn("a message that is no longer kept was asked for", { login, message: id });
      return;
    }
    const work = signal.begin(contact);
    try {
      const keys = child(stanza, "keys");
      const count = Number(child(stanza, "retry")?.attrs["count"] ?? 1);
      const bundle = keys && readBundle(keys, child(stanza, "registration"));
      if (bundle) await startSession(this.#scene, work, contact, bundle);
      else if (count > 1) {
        await startSession(this.#scene, work, contact, await fetchBundle(this.#scene, contact, connection));
      }
      const ciphertext = await encryptFor(this.#scene, work, contact, plaintext, connection);
      if ((await sink.again(chat, id)) === undefined) {
        work.discard();
        log.warn("a message is not sent to another key than its writer knows", { login, message: id });
        return;
      }
      await sink.accept([], work.record());
      await work.publish();
      connection
        .deliver(messageStanza(this.#scene, contact, { id, plaintext }, ciphertext))
        .catch((error: unknown) => {
          log.warn("a message sent again was not confirmed", { login, message: id, ...faultOf(error) });
        });
    } catch (error) {
      work.discard();
      throw error;
    }
  }

  #allowed(key: string): boolean {
    const given = (this.#given.get(key) ?? 0) + 1;
    this.#given.delete(key);
    this.#given.set(key, given);
    if (this.#given.size > REMEMBERED) {
      for (const oldest of this.#given.keys()) {
        this.#given.delete(oldest);
        break;
      }
    }
    return given <= RETRIES;
  }
}
