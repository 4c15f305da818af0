import type { Archives } from "../chats/archives.ts";
import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { rejectedBy } from "../ports/guards.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { DoneStep } from "../ports/login-flow.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { NetworkWatch } from "./network-watch.ts";

interface LoginsParts {
  readonly archives: Archives;
  readonly store: Store;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly log: Log;
  /** What waits for the login's connection need not wait any more. */
  readonly hurry: (login: Login) => void;
  readonly watch: Pick<NetworkWatch, "check">;
}

/** Whose login is made, and to which version of the notice they agreed. */
interface MadeLogin {
  readonly user: UserId;
  readonly network: Network;
  readonly login: LoginId;
  readonly version: number;
}

/** How long until a de-enlistment the network did not answer is tried again. */
const LEAVE_AGAIN = 60_000;

/** People's accounts on networks: made after a yes, taken back on a word. */
export class Logins implements Disposable {
  readonly #parts: LoginsParts;
  /** Ends the waiting for the next try at leaving. */
  readonly #waiting = new Map<LoginId, () => void>();
  readonly #leaving = new Map<LoginId, Promise<"done" | "later">>();

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /** A person's logins on a network, those that are being left included. */
  of(user: UserId, network: NetworkId): Promise<readonly Login[]> {
    return this.#parts.store.logins.of(user, network);
  }

  /** Those of the person's logins that wait for their yes to the network's newest notice. */
  async outdated(user: UserId, { id, noticeVersion }: Network): Promise<readonly Login[]> {
    const logins = await this.of(user, id);
    return logins.filter((login) => login.state === "active" && login.consentVersion !== noticeVersion);
  }

  /** Whether the person can turn the network on now: for the first time, with one more account, or anew. */
  async mayBegin(user: UserId, network: Network): Promise<boolean> {
    if (network.logins === "many") return true;
    const isOn = (await this.of(user, network.id)).some(({ state }) => state === "active");
    return !isOn || (await this.outdated(user, network)).length > 0;
  }

  /** Connects every login of the store, and goes on leaving where that was not finished. */
  async resume(networks: ReadonlyMap<NetworkId, Network>): Promise<void> {
    for (const login of await this.#parts.store.logins.all()) {
      const network = networks.get(login.network);
      if (!network) this.#parts.log.warn("a login's network is not configured", { login: login.id });
      else if (login.state === "active") this.#parts.connections.start(login);
      else void this.#leave(login, network);
    }
  }

  /** Keeps what a conversation came to, and connects it. `also` is committed with it. */
  async make(made: MadeLogin, done: DoneStep, also: (tx: Writes) => void): Promise<Login> {
    const { store, connections, log } = this.#parts;
    const { network } = made;
    const theirs = await this.of(made.user, network.id);
    const login = this.#row(made, done);
    const continues = done.continues !== undefined;
    const replaced = network.logins === "one" && !continues ? theirs : [];
    const connected = [...replaced, ...theirs.filter(({ id }) => id === login.id)];
    // The earlier connections must not go on with what the new account's keys replace.
    for (const { id } of connected) await connections.stop(id);
    let gone: boolean;
    try {
      gone = await rejectedBy(
        "login-exists",
        store.write((tx) => {
          if (continues) tx.guard({ kind: "login-exists", login: login.id });
          for (const { id } of replaced) tx.logins.remove(id);
          if (continues) {
            tx.logins.setAccount(login.id, login);
            tx.logins.setState(login.id, "active");
            tx.logins.setConsent(login.id, login.consentVersion, login.consentAt);
          } else tx.logins.add(login);
          done.record(tx);
          also(tx);
        }),
      );
    } catch (error) {
      for (const one of connected) if (one.state === "active") connections.start(one);
      throw error;
    }
    if (gone) {
      await this.#giveBack(login, network, done);
      throw offMeanwhile(network);
    }
    log.info("a login was made", { login: login.id, network: login.network });
    connections.start(login);
    return login;
  }

  /** What a conversation came to that its person had ended: the network is asked to take it back. */
  async takeBack(made: MadeLogin, done: DoneStep): Promise<void> {
    const login = this.#row(made, done);
    // An account they have already is not taken from them.
    if (await this.#parts.store.logins.get(login.id)) return;
    await this.#giveBack(login, made.network, done);
  }

  /** The person read a newer notice: what is there goes on. `also` is committed with it. */
  async agreedAgain(
    user: UserId,
    network: Network,
    version: number,
    also: (tx: Writes) => void,
  ): Promise<Login> {
    const { store, clock } = this.#parts;
    const logins = await this.outdated(user, network);
    const [first] = logins;
    if (!first) throw offMeanwhile(network);
    const at = clock.now();
    await store.write((tx) => {
      for (const { id } of logins) tx.logins.setConsent(id, version, at);
      also(tx);
    });
    return { ...first, consentVersion: version, consentAt: at };
  }

  /**
   * Runs what asks a network about a person's login while none of theirs there is being taken back: what is under way
   * is waited for, and what stays goes on later.
   */
  async undisturbed<T>(user: UserId, network: Network, act: () => Promise<T>): Promise<T> {
    const { log, watch } = this.#parts;
    const leaving = async () => (await this.of(user, network.id)).filter(({ state }) => state === "leaving");
    for (const { id } of await leaving()) await this.#leaving.get(id);
    const held = await leaving();
    for (const { id } of held) this.#stopWaiting(id);
    try {
      return await act();
    } catch (error) {
      const { reason } = BridgeError.from(error);
      if (reason !== "bad-input" && reason !== "unsupported") {
        log.warn("a person could not be registered", { network: network.id, ...faultOf(error) });
        // It may have a cause the administrator can do something about.
        void watch.check(network);
      }
      throw error;
    } finally {
      for (const login of held.length === 0 ? [] : await leaving())
        if (!this.#waiting.has(login.id) && !this.#leaving.has(login.id)) this.#leaveLater(login, network);
    }
  }

  /**
   * Takes the registration back; where the network does not answer, that is finished later. `why` is said in its chats.
   */
  async disable(login: Login, network: Network, why = turnedOff(network)): Promise<"done" | "later"> {
    await this.#parts.store.write((tx) => tx.logins.setState(login.id, "leaving"));
    await this.#parts.connections.stop(login.id);
    this.#parts.hurry(login);
    return this.#leave(login, network, why);
  }

  [Symbol.dispose](): void {
    for (const id of Array.from(this.#waiting.keys())) this.#stopWaiting(id);
  }

  #row({ user, network, login, version }: MadeLogin, done: DoneStep): Login {
    const { visibleId, account, continues: id = login } = done;
    const consent = { consentVersion: version, consentAt: this.#parts.clock.now() };
    return { id, user, network: network.id, state: "active", visibleId, account, ...consent };
  }

  /** Leaves the account of a login that is not in the store. */
  async #giveBack(login: Login, network: Network, done: DoneStep): Promise<void> {
    const leaving: Login = { ...login, state: "leaving" };
    await this.#parts.store.write((tx) => {
      tx.logins.add(leaving);
      done.record(tx);
    });
    void this.#leave(leaving, network);
  }

  /** One try at a time, so that a later enlistment is never the one that is taken back. */
  #leave(login: Login, network: Network, why = turnedOff(network)): Promise<"done" | "later"> {
    const running = this.#leaving.get(login.id);
    if (running) return running;
    const leaving = this.#tryLeaving(login, network, why).finally(() => this.#leaving.delete(login.id));
    this.#leaving.set(login.id, leaving);
    return leaving;
  }

  async #tryLeaving(login: Login, network: Network, why: string): Promise<"done" | "later"> {
    const { store, log } = this.#parts;
    this.#stopWaiting(login.id);
    try {
      // What is here goes at once; only what names the account stays until the network has let it go.
      await store.write(await this.#emptying(login, why));
      await network.delist(login);
      await store.write((tx) => tx.logins.remove(login.id));
    } catch (error) {
      log.warn("leaving a network is not finished yet", { login: login.id, ...faultOf(error) });
      this.#leaveLater(login, network);
      return "later";
    }
    log.info("a login was removed", { login: login.id, network: network.id });
    return "done";
  }

  #leaveLater(login: Login, network: Network): void {
    const again = (): void => void this.#leave(login, network);
    this.#waiting.set(login.id, this.#parts.clock.after(LEAVE_AGAIN, again));
  }

  /** Its chats become archives. Whoever waits for word of a message gets it from the message's lane. */
  async #emptying({ id }: Login, why: string): Promise<(tx: Writes) => void> {
    const { store, archives } = this.#parts;
    const portals = await store.portals.ofLogin(id);
    const records = await Promise.all(portals.map((portal) => archives.close(portal, why)));
    return (tx) => {
      tx.logins.empty(id);
      for (const record of records) record(tx);
    };
  }

  #stopWaiting(id: LoginId): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}

const offMeanwhile = ({ id, name }: Network): BridgeError =>
  new BridgeError("gone", {
    words: `${name} was turned off meanwhile. Write “enable ${id}” to turn it on again.`,
    certain: true,
  });

const turnedOff = ({ name }: Network): string =>
  `You turned ${name} off, so this chat is closed. Its history stays here.`;
