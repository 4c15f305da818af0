import type { Archives } from "../chats/archives.ts";
import type { Connections } from "../chats/connections.ts";
import type { Expiries } from "../expiries/expiries.ts";
import { BridgeError } from "../model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { rejectedBy } from "../ports/guards.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { DoneStep } from "../ports/login-flow.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { ConnectionEvents } from "./connection-events.ts";
import type { NetworkWatch } from "./network-watch.ts";

interface LoginsParts {
  readonly archives: Archives;
  readonly store: Store;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets the lanes go on that wait for the login's connection. */
  readonly resumeLanes: (login: Login) => void;
  readonly watch: Pick<NetworkWatch, "check">;
  readonly expiries: Pick<Expiries, "expireAll">;
  readonly connectionEvents: Pick<ConnectionEvents, "linkedAgain">;
  readonly quiet: {
    /** Has the login's chats notify again. */
    over(login: Login): Promise<void>;
  };
}

/** A login to be made, with the version of the notice that its person agreed to. */
interface NewLogin {
  readonly user: UserId;
  readonly network: Network;
  readonly login: LoginId;
  readonly version: number;
}

/** Milliseconds until a de-enlistment is tried again that the network did not answer. */
const RETRY_LEAVING = 60_000;

/** People's logins: made at the end of a login flow, and taken back when their person turns the network off. */
export class Logins implements Disposable {
  readonly #parts: LoginsParts;
  /** Cancels the timer for the next try to leave. */
  readonly #retries = new Map<LoginId, () => void>();
  readonly #leaving = new Map<LoginId, Promise<"done" | "later">>();

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /** A person's logins on a network, including those that are being left. */
  of(user: UserId, network: NetworkId): Promise<readonly Login[]> {
    return this.#parts.store.logins.of(user, network);
  }

  /** The person's logins that wait for their yes to the network's newest notice. */
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

  /** Connects every stored login, and goes on leaving where that was not finished. */
  async resume(networks: ReadonlyMap<NetworkId, Network>): Promise<void> {
    for (const login of await this.#parts.store.logins.all()) {
      const network = networks.get(login.network);
      if (!network) this.#parts.log.warn("a login's network is not configured", { login: login.id });
      else if (login.state === "active") this.#parts.connections.start(login);
      else void this.#leave(login, network);
    }
  }

  /** Stores the login that a login process has made, and connects it. `also` is committed with it. */
  async make(newLogin: NewLogin, done: DoneStep, also: (tx: Writes) => void): Promise<Login> {
    const { store, connections, expiries, quiet, log } = this.#parts;
    const { network } = newLogin;
    const theirs = await this.of(newLogin.user, network.id);
    const login = this.#rowOf(newLogin, done);
    const continues = done.continues !== undefined;
    const replaced = network.logins === "one" && !continues ? theirs : [];
    const connected = [...replaced, ...theirs.filter(({ id }) => id === login.id)];
    // Earlier connections must not go on with keys that the new account replaces.
    for (const { id } of connected) await connections.stop(id);
    let isRemoved: boolean;
    try {
      for (const one of replaced) {
        await expiries.expireAll(one.id);
        await quiet.over(one);
      }
      const reopen = continues
        ? await this.#parts.connectionEvents.linkedAgain(login.id, network)
        : undefined;
      isRemoved = await rejectedBy(
        "login-exists",
        store.write((tx) => {
          if (continues) tx.guard({ kind: "login-exists", login: login.id });
          for (const { id } of replaced) tx.logins.remove(id);
          if (continues) {
            tx.logins.setAccount(login.id, login);
            tx.logins.setState(login.id, "active");
            tx.logins.setConsent(login.id, login.consentVersion, login.consentAt);
            reopen?.(tx);
          } else tx.logins.add(login);
          done.record(tx);
          also(tx);
        }),
      );
    } catch (error) {
      for (const one of connected) if (one.state === "active") connections.start(one);
      throw error;
    }
    if (isRemoved) {
      await this.#delistNew(login, network, done);
      throw offMeanwhile(network);
    }
    log.info("a login was made", { login: login.id, network: login.network });
    connections.start(login);
    return login;
  }

  /** Takes back the account of a login process that its person had ended. */
  async takeBack(newLogin: NewLogin, done: DoneStep): Promise<void> {
    const login = this.#rowOf(newLogin, done);
    // An account that the person already had stays.
    if (await this.#parts.store.logins.get(login.id)) return;
    await this.#delistNew(login, newLogin.network, done);
  }

  /** Stores the person's yes to a newer notice; their logins go on. `also` is committed with it. */
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
   * Runs a request to a network about a person's login while none of their logins there is being left: attempts under
   * way are awaited, and the next ones come after.
   */
  async undisturbed<T>(user: UserId, network: Network, act: () => Promise<T>): Promise<T> {
    const { log, watch } = this.#parts;
    const leaving = async () => (await this.of(user, network.id)).filter(({ state }) => state === "leaving");
    for (const { id } of await leaving()) await this.#leaving.get(id);
    const pausedLeaving = await leaving();
    for (const { id } of pausedLeaving) this.#stopWaiting(id);
    try {
      return await act();
    } catch (error) {
      const { reason } = BridgeError.from(error);
      if (reason !== "bad-input" && reason !== "unsupported") {
        log.warn("a person could not be registered", { network: network.id, ...faultOf(error) });
        // The cause may be the administrator's to remove, so the network is checked.
        void watch.check(network);
      }
      throw error;
    } finally {
      for (const login of pausedLeaving.length === 0 ? [] : await leaving())
        if (!this.#retries.has(login.id) && !this.#leaving.has(login.id)) this.#leaveLater(login, network);
    }
  }

  /**
   * Turns a login off. `later` where the network did not confirm that the registration is deleted; that is tried again.
   * `why` is said in its chats.
   */
  async disable(login: Login, network: Network, why = turnedOff(network)): Promise<"done" | "later"> {
    await this.#parts.store.write((tx) => tx.logins.setState(login.id, "leaving"));
    await this.#parts.connections.stop(login.id);
    this.#parts.resumeLanes(login);
    return this.#leave(login, network, why);
  }

  [Symbol.dispose](): void {
    for (const id of Array.from(this.#retries.keys())) this.#stopWaiting(id);
  }

  #rowOf({ user, network, login, version }: NewLogin, done: DoneStep): Login {
    const { visibleId, account, continues: id = login } = done;
    const consent = { consentVersion: version, consentAt: this.#parts.clock.now() };
    return { id, user, network: network.id, state: "active", visibleId, account, ...consent };
  }

  /** Leaves the account of a login that is not in the store. */
  async #delistNew(login: Login, network: Network, done: DoneStep): Promise<void> {
    const leaving: Login = { ...login, state: "leaving" };
    await this.#parts.store.write((tx) => {
      tx.logins.add(leaving);
      done.record(tx);
    });
    void this.#leave(leaving, network);
  }

  /** One try at a time, so that no later enlistment is taken back. */
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
      await this.#parts.quiet.over(login);
      // The login's data is deleted at once; only what names the account stays until the network has confirmed.
      await store.write(await this.#emptyRecord(login, why));
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
    this.#retries.set(login.id, this.#parts.clock.after(RETRY_LEAVING, again));
  }

  /**
   * The writes that empty a login and archive its chats. People are told of their queued messages by the messages'
   * lane.
   */
  async #emptyRecord({ id }: Login, why: string): Promise<(tx: Writes) => void> {
    const { store, archives, expiries } = this.#parts;
    await expiries.expireAll(id);
    const portals = await store.portals.ofLogin(id);
    const records = await Promise.all(portals.map((portal) => archives.close(portal, why)));
    return (tx) => {
      tx.logins.empty(id);
      for (const record of records) record(tx);
    };
  }

  #stopWaiting(id: LoginId): void {
    this.#retries.get(id)?.();
    this.#retries.delete(id);
  }
}

const offMeanwhile = ({ id, name }: Network): BridgeError =>
  new BridgeError("gone", {
    words: `${name} was turned off meanwhile. Write “enable ${id}” to turn it on again.`,
    certain: true,
  });

const turnedOff = ({ name }: Network): string =>
  `You turned ${name} off, so this chat is closed. Its history stays here.`;
