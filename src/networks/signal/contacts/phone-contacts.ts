import type { LoginId } from "../../../core/model/ids.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import type { Store } from "../../../core/ports/store.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import { chatWith, personOf } from "../ids.ts";
import { ASK_PHONE_AGAIN, ASKED_PHONE, loginScope, phoneContactsScope } from "../record-scopes.ts";
import { type ExpireTimer, signalFamily } from "../records.ts";
import { readContactDetails } from "../wire/contact-details.ts";

interface PhoneContactsParts {
  readonly login: LoginId;
  readonly store: Store;
  /** Fetches a file by its reference. */
  readonly fetch: (ref: string) => Promise<MediaFile>;
}

type ChatTimer = readonly [chat: ReturnType<typeof chatWith>, timer: ExpireTimer];

/** The most timers that are stored in one commit, for which everything else waits. */
const PART = 500;

/** The contacts that the phone sends, of which only the chats' timers are not in the account's storage. */
export class PhoneContacts {
  readonly #parts: PhoneContactsParts;
  readonly #serial = new SerialByKey();
  #isStopped = false;

  constructor(parts: PhoneContactsParts) {
    this.#parts = parts;
  }

  /**
   * Reads what the phone sent and was not read yet, one file after another. Where that fails the phone is asked once more,
   * as it gives them once; rejects then.
   */
  async read(): Promise<void> {
    await this.#serial.run("contacts", () => this.#read());
  }

  /** What is not read by now stays to be read. */
  stop(): void {
    this.#isStopped = true;
  }

  async #read(): Promise<void> {
    const { login, store } = this.#parts;
    for (const { name: ref } of await store.records.all(phoneContactsScope(login))) {
      try {
        await this.#take(ref);
      } catch (error) {
        if (!this.#isStopped) await this.#askAgain(ref);
        throw error;
      }
      if (this.#isStopped) return;
      await store.write((tx) => tx.records.remove(phoneContactsScope(login), ref));
    }
  }

  async #askAgain(ref: string): Promise<void> {
    const { login, store } = this.#parts;
    await store.write((tx) => {
      tx.records.remove(phoneContactsScope(login), ref);
      tx.records.remove(loginScope(login), ASKED_PHONE);
      tx.records.set(loginScope(login), ASK_PHONE_AGAIN, "yes");
    });
  }

  async #take(ref: string): Promise<void> {
    if (this.#isStopped) return;
    await using file = await this.#parts.fetch(ref);
    let timers: ChatTimer[] = [];
    for await (const { account, timer } of readContactDetails(file.read())) {
      if (this.#isStopped) return;
      const person = personOf(account);
      if (person === undefined) continue;
      timers.push([chatWith(person), timer]);
      if (timers.length < PART) continue;
      await this.#keep(timers);
      timers = [];
    }
    await this.#keep(timers);
  }

  async #keep(timers: readonly ChatTimer[]): Promise<void> {
    const { login, store } = this.#parts;
    if (timers.length === 0) return;
    await store.write((tx) => {
      for (const [chat, timer] of timers) tx.family(signalFamily).offerTimer(login, chat, timer);
    });
  }
}
