import { applyItem, type Chats } from "../../model/fold.ts";
import type { PhoneItem, PhoneSettings, PhoneState } from "../../model/phone.ts";
import { addressOf, call, Refusal } from "./control-api.ts";

export type LinkState = "connecting" | "live" | "away" | "nobody";

const againMs = 1500;

/** One phone, read from the control API and followed by its events. Tells `changed` after each news. */
export class PhoneLink {
  readonly person: string;
  state: LinkState = "connecting";
  settings: PhoneSettings | undefined;
  chats: Chats = new Map();
  /** Earlier messages are not shown. */
  cut = false;
  readonly #changed: (item?: PhoneItem) => void;
  #events: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(person: string, changed: (item?: PhoneItem) => void) {
    this.person = person;
    this.#changed = changed;
    void this.#load();
  }

  close(): void {
    this.#closed = true;
    this.#events?.close();
    clearTimeout(this.#again);
  }

  async #load(): Promise<void> {
    this.#events?.close();
    try {
      const { chats, after, cut, ...settings } = await call<PhoneState>("GET", `${this.#path}/phone`);
      if (this.#closed) return;
      this.chats = new Map(chats.map((chat) => [chat.with, chat]));
      this.settings = settings;
      this.cut = cut;
      this.#follow(after);
    } catch (cause) {
      if (this.#closed) return;
      this.state = cause instanceof Refusal && cause.status === 404 ? "nobody" : "away";
      if (this.state === "away") this.#loadLater();
    }
    this.#changed();
  }

  #follow(after: string): void {
    const events = new EventSource(addressOf(`${this.#path}/events?after=${encodeURIComponent(after)}`));
    this.#events = events;
    const on = <T>(name: string, take: (data: T) => void): void =>
      events.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data) as T));
    events.addEventListener("open", () => this.#is("live"));
    events.addEventListener("error", () => {
      this.#is("away");
      // The browser asks again by itself while the answer was an event stream, and not after another answer.
      if (events.readyState === EventSource.CLOSED) this.#loadLater();
    });
    on<PhoneItem>("item", (item) => {
      applyItem(this.chats, item);
      this.#changed(item);
    });
    on<PhoneSettings>("settings", (settings) => {
      this.settings = settings;
      this.#changed();
    });
    events.addEventListener("reset", () => void this.#load());
  }

  #is(state: LinkState): void {
    this.state = state;
    this.#changed();
  }

  #loadLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#load(), againMs);
  }

  get #path(): string {
    return `/people/${encodeURIComponent(this.person)}`;
  }
}
