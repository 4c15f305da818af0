import { node } from "../../networks/meta-interop/wire/node.ts";
import type { Account } from "../state/accounts.ts";
import type { LoginSession } from "./login-session.ts";

/** The connected sessions, one a login; wakes them when a stanza for them was committed. */
export class OnlineSessions {
  readonly #sessions = new Map<number, LoginSession>();
  readonly #whenNotConnected: (account: number) => void;

  /** @param whenNotConnected called when a stanza waits for a login without a connection. */
  constructor(whenNotConnected: (account: number) => void) {
    this.#whenNotConnected = whenNotConnected;
  }

  get(account: number): LoginSession | undefined {
    return this.#sessions.get(account);
  }

  /** Replaces an older connection of the login, which gets `<conflict>`. */
  add(session: LoginSession): void {
    this.#sessions.get(session.account.id)?.end(node("conflict", { type: "replaced" }));
    this.#sessions.set(session.account.id, session);
  }

  remove(session: LoginSession): void {
    if (this.#sessions.get(session.account.id) === session) this.#sessions.delete(session.account.id);
  }

  /** To be called when a stanza for this account was committed. */
  wake(account: number): void {
    const session = this.#sessions.get(account);
    if (session === undefined) this.#whenNotConnected(account);
    else session.wake();
  }

  disconnect(account: Account, code?: string): void {
    this.#sessions
      .get(account.id)
      ?.end(code === undefined ? node("failure", { reason: "401" }) : streamError(code));
  }

  /** Ends every connection with stream error 515, which asks the client to connect again. */
  close(): void {
    for (const session of this.#sessions.values()) session.end(streamError("515"));
  }
}

const streamError = (code: string) => node("stream:error", { code });
