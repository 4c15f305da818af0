import type { Account } from "../link/account.ts";

const lastsMs = 20_000;
const sayAgainMs = 8000;
const silenceMs = 6000;

/** Tells the room that one types, again while one goes on, and that one has stopped. */
export class OwnTyping {
  readonly #account: Account;
  readonly #room: string;
  #told = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(account: Account, room: string) {
    this.#account = account;
    this.#room = room;
  }

  /** To be called at each stroke. */
  goesOn(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.stops(), silenceMs);
    if (this.#told > 0 && performance.now() - this.#told < sayAgainMs) return;
    this.#told = performance.now();
    void this.#account.tries((client) => client.sendTyping(this.#room, true, lastsMs));
  }

  stops(): void {
    clearTimeout(this.#silence);
    if (this.#told === 0) return;
    this.#told = 0;
    void this.#account.tries((client) => client.sendTyping(this.#room, false, 0));
  }
}
