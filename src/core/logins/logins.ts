import type { Archives } from "../chats/archives.ts";
import type { Connections } from "../chats/connections.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { NetworkWatch } from "./network-watch.ts";

interface LoginsParts {
  readonly archives: Archives;
  readonly store: Store;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What waits for the login's connection need not wait any more. */
  readonly hurry: (login: Login) => void;
  readonly watch: Pick<NetworkWatch, "check">;
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

  of(user: UserId, network: NetworkId): Promise<Login | undefined> {
    return this.#parts.store.logins.of(user, network);
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

  /** Registers the person with the network and connects. The caller has their yes to this version of the notice. */
  async enable(user: UserId, network: Network): Promise<Login> {
    const { store, clock, random, connections, log } = this.#parts;
    const known = await this.#settled(user, network.id);
    if (known?.state === "active") return this.#agreedAgain(known, network);
    const id = random.uuid() as LoginId;
    if (known) this.#stopWaiting(known.id);
    const enlisted = await this.#enlist(id, user, network, known);
    const { account, visibleId } = enlisted;
    const consent = { consentVersion: network.notice.version, consentAt: clock.now() };
    const login: Login = { id, user, network: network.id, state: "active", visibleId, account, ...consent };
    await store.write((tx) => {
      if (known) tx.logins.remove(known.id);
      tx.logins.add(login);
      enlisted.record(tx);
    });
    log.info("a login was made", { login: id, network: network.id });
    connections.start(login);
    return login;
  }

  /** The person's login, once nothing is under way that takes it back. */
  async #settled(user: UserId, network: NetworkId): Promise<Login | undefined> {
    const known = await this.of(user, network);
    const leaving = known && this.#leaving.get(known.id);
    if (!leaving) return known;
    await leaving;
    return this.of(user, network);
  }

  async #enlist(login: LoginId, user: UserId, network: Network, before: Login | undefined) {
    try {
      return await network.enlist({ login, user });
    } catch (error) {
      if (before) this.#leaveLater(before, network);
      this.#parts.log.warn("a person could not be registered", { network: network.id, ...faultOf(error) });
      // It may have a cause the administrator can do something about.
      void this.#parts.watch.check(network);
      throw error;
    }
  }

  /** The person read a newer notice: what is there goes on. */
  async #agreedAgain(login: Login, { notice }: Network): Promise<Login> {
    const { store, clock } = this.#parts;
    await store.write((tx) => tx.logins.setConsent(login.id, notice.version, clock.now()));
    return { ...login, consentVersion: notice.version };
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
    const records = (await store.portals.ofLogin(id)).map((portal) => archives.close(portal, why));
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

const turnedOff = ({ name }: Network): string =>
  `You turned ${name} off, so this chat is closed. Its history stays here.`;
