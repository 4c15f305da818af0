import { faultOf } from "../../../core/ports/log.ts";
import type { LoginContext } from "../login-context.ts";
import { loginScope } from "../record-scopes.ts";

/** The server's alerts of a phone that was not online for about a month, and of one that was away for much longer. */
const IDLE = "idle-primary-device";
const CRITICAL = "critical-idle-primary-device";

/** The name, among the login's records, of what was told of that and when. */
const TOLD = "phone-idle";
/** Milliseconds between two words about it, and in which the phone is to be opened after the first. */
const WEEK = 7 * 86_400_000;

type Context = Pick<LoginContext, "login" | "store" | "sink" | "clock" | "log"> & {
  readonly account: Pick<LoginContext["account"], "number">;
};

/** Tells a person that Signal misses their phone, before it unlinks their other devices for that. */
export class IdlePhone {
  readonly #context: Context;
  #running: Promise<void> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The server's alerts at a new connection, none where all is well. */
  readonly alerts = (alerts: readonly string[]): void => {
    const { log, login } = this.#context;
    this.#running = this.#running
      .then(() => this.#take(alerts))
      .catch((error: unknown) => log.warn("an alert of Signal's was not told", { login, ...faultOf(error) }));
  };

  async idle(): Promise<void> {
    await this.#running;
  }

  async #take(alerts: readonly string[]): Promise<void> {
    const { login, store, sink, clock, account } = this.#context;
    const scope = loginScope(login);
    const known = await store.records.get(scope, TOLD);
    const alert = [CRITICAL, IDLE].find((one) => alerts.includes(one));
    if (alert === undefined) {
      if (known !== undefined) await store.write((tx) => tx.records.remove(scope, TOLD));
      return;
    }
    const [before, at] = known?.split(" ") ?? [];
    const now = clock.now();
    if (before === alert && now < Number(at) + WEEK) return;
    const isUrgent = alert === CRITICAL || before !== undefined;
    await sink.tell(wordsOf(account.number, isUrgent ? undefined : now + WEEK), (tx) =>
      tx.records.set(scope, TOLD, `${alert} ${now}`),
    );
  }
}

/** `until`: by when the phone is to be opened; undefined for at once. */
function wordsOf(number: string | undefined, until: number | undefined): string {
  const phone = number === undefined ? "your phone" : `the phone of ${number}`;
  const by = until === undefined ? "today" : `by ${new Date(until).toISOString().slice(0, 10)}`;
  return `Signal has not seen ${phone} for about a month or longer. Open Signal on it ${by}, with the Internet on: else Signal unlinks all other devices of the account, this bridge too. Signal does not say on which day, so sooner is better.`;
}
