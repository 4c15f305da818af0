import { Phone, type PhoneItem, type SandboxControl } from "../sandbox/control.ts";

/** Some phones, and how far each was read. */
export class Phones {
  readonly #phones: readonly Phone[];
  readonly #read = new Map<Phone, number>();

  constructor(phones: readonly Phone[]) {
    this.#phones = phones;
  }

  /** Those of the load's people. */
  static async of(control: SandboxControl): Promise<Phones> {
    const { people } = await control.call("GET", "/people");
    const load = (
      people as readonly { person: string; name: string; jid: string; external_id: string }[]
    ).filter(({ name }) => name.startsWith("Load "));
    return new Phones(
      load.map(({ person, external_id, jid }) => new Phone(control, person, external_id, jid)),
    );
  }

  /** The phones' items since the last call, repeats included. */
  async news(): Promise<readonly PhoneItem[]> {
    const found: PhoneItem[] = [];
    for (const phone of this.#phones) found.push(...(await this.#newsOf(phone)));
    return found;
  }

  async #newsOf(phone: Phone): Promise<readonly PhoneItem[]> {
    const found: PhoneItem[] = [];
    for (;;) {
      const { items, next } = await phone.inbox(this.#read.get(phone) ?? 0);
      this.#read.set(phone, next);
      found.push(...items);
      if (items.length === 0) return found;
    }
  }

  /** Waits for so many texts; answers when each arrived, in milliseconds since the epoch. */
  async texts(count: number, seconds = 300): Promise<readonly number[]> {
    const deadline = performance.now() + seconds * 1000;
    const at: number[] = [];
    while (at.length < count) {
      if (performance.now() > deadline)
        throw new Error(`The phones show ${at.length} of ${count} messages after ${seconds} s.`);
      // Reads seldom, and one phone at a time while it has items, so that reading disturbs the measurement little.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const [first] = this.#phones;
      const early = first === undefined ? [] : await this.#newsOf(first);
      const news = early.length > 0 ? early : await this.news();
      at.push(
        ...news.filter(({ kind, repeat }) => kind === "text" && repeat !== true).map((item) => item.at),
      );
    }
    if (at.length > count) throw new Error(`The phones show ${at.length} messages instead of ${count}.`);
    return at.sort((a, b) => a - b);
  }
}
