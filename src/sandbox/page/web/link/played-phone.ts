import { unread } from "../../model/fold.ts";
import type { Chat, PhoneItem } from "../../model/phone.ts";
import { typingLastsMs } from "../../model/typing.ts";
import type { ActLog } from "./act-log.ts";
import { Refusal } from "./control-api.ts";
import { PhoneLink } from "./phone-link.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A message that is on its way to the sandbox, or was refused. */
export interface Pending {
  readonly item: PhoneItem;
  readonly verb: string;
  readonly fields: Fields;
  /** A file of this page that the bubble shows meanwhile. */
  readonly file?: string;
  failed?: string;
}

const messageId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();

/** The phone that one plays: what is on it, and what one does with it. Tells `changed` after each news. */
export class PlayedPhone {
  readonly person: string;
  readonly link: PhoneLink;
  readonly pending: Pending[] = [];
  /** What was refused last, to be told once. */
  trouble: { readonly words: string; readonly n: number } | undefined;
  readonly #log: ActLog;
  readonly #changed: () => void;
  readonly #marking = new Set<string>();
  #troubles = 0;
  #typingOver: ReturnType<typeof setTimeout> | undefined;
  /** What came last while one looked on. */
  news: PhoneItem | undefined;

  constructor(person: string, log: ActLog, changed: () => void) {
    this.person = person;
    this.#log = log;
    this.#changed = changed;
    this.link = new PhoneLink(person, (item) => {
      if (item?.own === true) this.#settle(item.id);
      else if (item !== undefined) this.#hear(item);
      changed();
    });
  }

  close(): void {
    this.link.close();
    clearTimeout(this.#typingOver);
    for (const { file } of this.pending) if (file !== undefined) URL.revokeObjectURL(file);
  }

  /** Does it, and tells when it was refused. Answers whether it was done. */
  async does(verb: string, fields: Fields = {}): Promise<boolean> {
    try {
      await this.#do(verb, fields);
      return true;
    } catch (cause) {
      this.complain(cause instanceof Refusal ? cause.message : String(cause));
      return false;
    }
  }

  /** Does it where it can be done; for what nobody misses, such as typing. */
  async tries(verb: string, fields: Fields): Promise<void> {
    await this.#do(verb, fields).catch(() => undefined);
  }

  complain(words: string): void {
    this.#troubles += 1;
    this.trouble = { words, n: this.#troubles };
    this.#changed();
  }

  /** Shows a message at once and sends it; a refusal stays with it. */
  send(verb: "says" | "sends", to: string, fields: Fields, shown: Partial<PhoneItem>, file?: string): void {
    const id = messageId();
    const item: PhoneItem = {
      seq: 0,
      id,
      kind: "text",
      own: true,
      from: this.person,
      from_name: "",
      chat: to,
      at: Date.now(),
      ...shown,
    };
    const pending = { item, verb, fields: { to, id, ...fields }, ...(file === undefined ? {} : { file }) };
    this.pending.push(pending);
    void this.again(pending);
  }

  async again(pending: Pending): Promise<void> {
    delete pending.failed;
    this.#changed();
    try {
      await this.#do(pending.verb, pending.fields);
    } catch (cause) {
      pending.failed = cause instanceof Refusal ? cause.message : String(cause);
      this.#changed();
    }
  }

  discard(pending: Pending): void {
    this.#settle(pending.item.id);
    this.#changed();
  }

  /** Marks every message of the chat as read that is not yet. */
  async marksRead(chat: Chat): Promise<void> {
    for (const { item } of unread(chat)) {
      const key = `${chat.with} ${item.id}`;
      if (this.#marking.has(key)) continue;
      this.#marking.add(key);
      const done = await this.does("reads", { to: chat.with, target: item.id });
      if (!done) return;
    }
  }

  #hear(item: PhoneItem): void {
    if (item.kind === "typing") {
      clearTimeout(this.#typingOver);
      this.#typingOver = setTimeout(this.#changed, typingLastsMs);
    } else if (item.kind !== "receipt" && item.repeat !== true) this.news = item;
  }

  #do(verb: string, fields: Fields): Promise<unknown> {
    return this.#log.call("POST", `/people/${encodeURIComponent(this.person)}/do`, { verb, ...fields });
  }

  #settle(id: string): void {
    const at = this.pending.findIndex(({ item }) => item.id === id);
    if (at < 0) return;
    const [settled] = this.pending.splice(at, 1);
    if (settled?.file !== undefined) URL.revokeObjectURL(settled.file);
  }
}
