import type { Archives } from "./archives.ts";
import type { Clock, Random } from "./clock.ts";
import type { Connections } from "./connections.ts";
import type { LoginId, NetworkId, UserId } from "./ids.ts";
import { faultOf, type Log } from "./log.ts";
import type { Network } from "./network.ts";
import type { Login } from "./rows.ts";
import type { Store } from "./store.ts";

interface Parts {
  readonly archives: Archives;
  readonly store: Store;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** How long until a de-enlistment the network did not answer is tried again. */
const LEAVE_AGAIN = 60_000;

/** People's accounts on networks: made after a yes, taken back on a word. */
export class Logins implements Disposable {
  readonly #parts: Parts;
  readonly #waiting = new Map<LoginId, () => void>();

  constructor(parts: Parts) {
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
      else void this.#finishLeaving(login, network);
    }
  }

  /** Registers the person with the network and connects. The caller has their yes to this version of the notice. */
  async enable(user: UserId, network: Network): Promise<Login> {
    const { store, clock, random, connections, log } = this.#parts;
    const known = await store.logins.of(user, network.id);
    if (known?.state === "active") return this.#agreedAgain(known, network);
    const id = random.uuid() as LoginId;
    const enlisted = await network.enlist({ login: id, user });
    const { account, visibleId } = enlisted;
    const consent = { consentVersion: network.notice.version, consentAt: clock.now() };
    const login: Login = { id, user, network: network.id, state: "active", visibleId, account, ...consent };
    if (known) this.#stopWaiting(known.id);
    await store.write((tx) => {
      if (known) tx.logins.remove(known.id);
      tx.logins.add(login);
      enlisted.record(tx);
    });
    log.info("a login was made", { login: id, network: network.id });
    connections.start(login);
    return login;
  }

  /** The person read a newer notice: what is there goes on. */
  async #agreedAgain(login: Login, { notice }: Network): Promise<Login> {
    const { store, clock } = this.#parts;
    await store.write((tx) => tx.logins.setConsent(login.id, notice.version, clock.now()));
    return { ...login, consentVersion: notice.version };
  }

  /** Takes the registration back; where the network does not answer, that is finished later. */
  async disable(login: Login, network: Network): Promise<"done" | "later"> {
    await this.#parts.store.write((tx) => tx.logins.setState(login.id, "leaving"));
    await this.#parts.connections.stop(login.id);
    return this.#finishLeaving(login, network);
  }

  [Symbol.dispose](): void {
    for (const id of Array.from(this.#waiting.keys())) this.#stopWaiting(id);
  }

  async #finishLeaving(login: Login, network: Network): Promise<"done" | "later"> {
    const { store, clock, log } = this.#parts;
    try {
      await network.delist(login);
    } catch (error) {
      log.warn("leaving a network is not confirmed yet", { login: login.id, ...faultOf(error) });
      this.#waiting.set(
        login.id,
        clock.after(LEAVE_AGAIN, () => void this.#finishLeaving(login, network)),
      );
      return "later";
    }
    this.#stopWaiting(login.id);
    const portals = await store.portals.ofLogin(login.id);
    const words = `You turned ${network.name} off, so this chat is closed. Its history stays here.`;
    const closing = portals.map((portal) => this.#parts.archives.close(portal, words));
    await store.write((tx) => {
      tx.logins.remove(login.id);
      for (const close of closing) close(tx);
    });
    log.info("a login was removed", { login: login.id, network: network.id });
    return "done";
  }

  #stopWaiting(id: LoginId): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}
