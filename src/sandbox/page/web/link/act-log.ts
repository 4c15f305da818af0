import { call, Refusal } from "./control-api.ts";
import { curlLine } from "./curl-line.ts";

/** An act of this page as a line for a shell. */
export interface Act {
  readonly n: number;
  readonly line: string;
  /** Why it was refused. */
  failed?: string;
}

const most = 100;

/** The acts of this page, newest last, and who wants to know of changes. */
export class ActLog {
  readonly acts: Act[] = [];
  readonly #changed: () => void;
  #count = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Calls the control API and keeps the line; rejects with a Refusal. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.#count += 1;
    const act: Act = { n: this.#count, line: curlLine(method, path, body) };
    this.acts.push(act);
    if (this.acts.length > most) this.acts.shift();
    this.#changed();
    try {
      return await call<T>(method, path, body);
    } catch (cause) {
      act.failed = cause instanceof Refusal ? cause.message : String(cause);
      this.#changed();
      throw cause;
    }
  }
}
