import type { PlayedPhone } from "../link/played-phone.ts";

const sayAgainMs = 5000;
const silenceMs = 6000;

/** Tells the other side that one types, again while one goes on, and that one has stopped. */
export class Typing {
  readonly #phone: PlayedPhone;
  readonly #to: string;
  #told = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(phone: PlayedPhone, to: string) {
    this.#phone = phone;
    this.#to = to;
  }

  /** To be called at each stroke. @param voice one records a voice note. */
  goesOn(voice = false): void {
    const { link } = this.#phone;
    if (link.settings?.features["typing"] !== true) return;
    clearTimeout(this.#silence);
    if (!voice) this.#silence = setTimeout(() => this.stops(), silenceMs);
    if (performance.now() - this.#told < sayAgainMs && this.#told > 0) return;
    this.#told = performance.now();
    void this.#phone.tries("types", { to: this.#to, on: true, ...(voice ? { voice } : {}) });
  }

  stops(): void {
    clearTimeout(this.#silence);
    if (this.#told === 0) return;
    this.#told = 0;
    void this.#phone.tries("types", { to: this.#to, on: false });
  }

  /** A message says by itself that one has stopped. */
  sent(): void {
    clearTimeout(this.#silence);
    this.#told = 0;
  }
}
