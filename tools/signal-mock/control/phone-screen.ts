import type { PhoneItem } from "../../../src/sandbox/page/model/phone.ts";
import type { Heard } from "../journal.ts";
import type { Person } from "../person.ts";
import { itemsOf, type NewItem } from "./phone-item.ts";

/** Kinds that are not messages of their own. */
const about = new Set(["reaction", "edit", "delete", "receipt", "typing"]);

/** What is on a person's phone: what came, and what the person did, in order. */
export class PhoneScreen {
  readonly person: Person;
  readonly #items: PhoneItem[] = [];
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly mimetype: string }>();
  readonly #listeners = new Set<() => void>();
  readonly #settingsListeners = new Set<() => void>();
  /** Other names that an act gave to a message of the person's own, both ways. */
  readonly #aliases = new Map<string, string>();
  readonly #nameOf: (aci: string) => string;
  #adding: Promise<void> = Promise.resolve();

  /** @param nameOf the name that somebody goes by. */
  constructor(person: Person, nameOf: (aci: string) => string) {
    this.person = person;
    this.#nameOf = nameOf;
    person.journal.follow((heard) => {
      // In order, however long the files take.
      this.#adding = this.#addAfter(this.#adding, heard);
    });
  }

  get items(): readonly PhoneItem[] {
    return this.#items;
  }

  /** Names a message of one's own as the act that sends it asks. */
  alias(id: string, alias: string): void {
    this.#aliases.set(id, alias);
    this.#aliases.set(alias, id);
  }

  /** The message's name by author and time. */
  named(id: string): string {
    return id.includes("/") ? id : (this.#aliases.get(id) ?? id);
  }

  add({ bytes, ...item }: NewItem): void {
    const id = this.#shown(item.id);
    const target = item.target === undefined ? {} : { target: this.#shown(item.target) };
    if (item.kind === "receipt" && this.#isTold({ ...item, ...target })) return;
    const came =
      !about.has(item.kind) && this.#items.some((each) => each.id === id && each.from === item.from);
    const seq = this.#items.length + 1;
    const repeat = came ? ({ repeat: true } as const) : {};
    this.#items.push({ ...item, ...target, ...repeat, id, seq, from_name: this.#nameOf(item.from) });
    if (bytes !== undefined && item.media !== undefined)
      this.#files.set(id, { bytes, mimetype: item.media.mimetype });
    for (const listener of this.#listeners) listener();
  }

  /** Each device of the other's sends receipts, and a phone shows the first. */
  #isTold({ from, target, receipt }: Pick<PhoneItem, "from" | "target" | "receipt">): boolean {
    return this.#items.some(
      (item) => item.from === from && item.target === target && item.receipt === receipt,
    );
  }

  file(id: string) {
    return this.#files.get(id);
  }

  /** Calls the listener after every item and every change of settings, until the answered function is called. */
  onChange(listener: () => void): () => void {
    const forget = this.#onItem(listener);
    this.#settingsListeners.add(listener);
    return () => {
      forget();
      this.#settingsListeners.delete(listener);
    };
  }

  /** Tells that something beside the messages is another than before. */
  settingsChanged(): void {
    for (const listener of this.#settingsListeners) listener();
  }

  #onItem(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The items after `since`; waits up to the milliseconds for the first. */
  async after(since: number, milliseconds: number, signal: AbortSignal): Promise<readonly PhoneItem[]> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#items.length <= since) {
      const timer = setTimeout(resolve, milliseconds);
      const forget = this.#onItem(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      clearTimeout(timer);
      forget();
    }
    return this.#items.slice(since);
  }

  async #addAfter(before: Promise<void>, heard: Heard): Promise<void> {
    const items = await itemsOf(this.person, heard);
    await before;
    for (const item of items) this.add(item);
  }

  #shown(id: string): string {
    return id.includes("/") ? (this.#aliases.get(id) ?? id) : id;
  }
}
