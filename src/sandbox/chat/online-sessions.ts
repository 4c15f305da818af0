import { node } from "../../networks/meta-interop/wire/node.ts";
import type { Account } from "../state/accounts.ts";
import type { LoginSession } from "./login-session.ts";

/** Who is connected, and who must be woken when a letter was committed. One connection a login. */
export class PostOffice {
  readonly #sessions = new Map<number, LoginSession>();
  readonly #absent: (account: number) => void;

  /** @param absent called when a letter waits and no connection is open. */
  constructor(absent: (account: number) => void) {
    this.#absent = absent;
  }

  session(account: number): LoginSession | undefined {
    return this.#sessions.get(account);
  }

  /** The newer connection wins; the older one is told. */
  enter(session: LoginSession): void {
    this.#sessions.get(session.account.id)?.end(node("conflict", { type: "replaced" }));
    this.#sessions.set(session.account.id, session);
  }

  leave(session: LoginSession): void {
    if (this.#sessions.get(session.account.id) === session) this.#sessions.delete(session.account.id);
  }

  /** A letter was committed. */
  wake(account: number): void {
    const session = this.#sessions.get(account);
    if (session === undefined) this.#absent(account);
    else session.wake();
  }

  disconnect(account: Account, code?: string): void {
    this.#sessions
      .get(account.id)
      ?.end(code === undefined ? node("failure", { reason: "401" }) : streamError(code));
  }

  /** At the end of the process: everybody is asked to come back. */
  close(): void {
    for (const session of this.#sessions.values()) session.end(streamError("515"));
  }
}

const streamError = (code: string) => node("stream:error", { code });
