import type { LoginId, NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { ConnectionState, Network, NetworkTrouble } from "../ports/network.ts";

/** Milliseconds for which a login may be without its network before that is trouble, as connections come and go. */
const GRACE = 10_000;
/** Milliseconds between checks of a network that failed one: the first pause, which doubles up to the longest. */
const CHECK_AGAIN = { first: 5_000, longest: 300_000 };

interface NetworkWatchParts {
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The state of one login's connection. */
interface LoginLink {
  readonly network: NetworkId;
  connected: boolean;
  /** The trouble of its last state, and whether it counts because the time of grace is over. */
  trouble: NetworkTrouble | undefined;
  counts: boolean;
  endGrace: () => void;
}

interface NetworkCheck {
  failures: number;
  cancel: () => void;
}

/**
 * Warns the administrator when a network cannot be used: once for each cause, and in {@link reasons} while it lasts. It
 * checks networks from the start on, even without a login.
 */
export class NetworkWatch implements Disposable {
  readonly #parts: NetworkWatchParts;
  readonly #links = new Map<LoginId, LoginLink>();
  readonly #checks = new Map<NetworkId, NetworkCheck>();
  /** The troubles that the last checks found. */
  readonly #checkTroubles = new Map<NetworkId, NetworkTrouble>();
  /** The warnings whose trouble is not over. */
  readonly #warned = new Map<NetworkId, { readonly words: string; readonly since: number }>();
  #closed = false;

  constructor(parts: NetworkWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const network of this.#parts.networks.values()) void this.check(network);
  }

  /** The reasons why networks cannot be used, a line each. */
  reasons(): readonly string[] {
    return Array.from(this.#parts.networks.values()).flatMap((network) => {
      const trouble = this.#troubleOf(network.id);
      return trouble ? [wordsOf(network, trouble)] : [];
    });
  }

  /** Called when a login's connection changed. */
  state(login: LoginId, network: Network, state: ConnectionState): void {
    const link = this.#links.get(login) ?? this.#addLink(login, network);
    const { kind } = state;
    if (kind === "connected") {
      link.endGrace();
      Object.assign(link, { connected: true, trouble: undefined, counts: false });
      this.#checkTroubles.delete(network.id);
    } else {
      if (kind !== "connecting") link.trouble = state.trouble;
      if (link.connected) this.#startGrace(link, network);
    }
    this.#review(network);
  }

  /** Forgets a removed login. */
  forget(login: LoginId): void {
    const link = this.#links.get(login);
    if (!link) return;
    link.endGrace();
    this.#links.delete(login);
    const network = this.#parts.networks.get(link.network);
    if (network) this.#review(network);
  }

  /** Checks a network, and again while the check fails. */
  async check(network: Network): Promise<void> {
    if (!network.check || this.#closed) return;
    const before = this.#checks.get(network.id);
    before?.cancel();
    const check: NetworkCheck = { failures: before?.failures ?? 0, cancel: () => undefined };
    this.#checks.set(network.id, check);
    const checkTrouble = await network.check().catch((error: unknown) => {
      this.#parts.log.warn("a network could not be checked", { network: network.id, ...faultOf(error) });
      return undefined;
    });
    // A newer check replaces this one's result.
    if (this.#closed || this.#checks.get(network.id) !== check) return;
    if (checkTrouble && !this.#isConnected(network.id)) {
      this.#checkTroubles.set(network.id, checkTrouble);
      const pause = Math.min(CHECK_AGAIN.longest, CHECK_AGAIN.first * 2 ** check.failures++);
      check.cancel = this.#parts.clock.after(pause, () => void this.check(network));
    } else {
      this.#checkTroubles.delete(network.id);
      this.#checks.delete(network.id);
    }
    this.#review(network);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const { endGrace } of this.#links.values()) endGrace();
    for (const { cancel } of this.#checks.values()) cancel();
  }

  #addLink(login: LoginId, network: Network): LoginLink {
    const link: LoginLink = {
      network: network.id,
      connected: false,
      trouble: undefined,
      counts: false,
      endGrace: () => undefined,
    };
    this.#links.set(login, link);
    this.#startGrace(link, network);
    return link;
  }

  #startGrace(link: LoginLink, network: Network): void {
    link.connected = false;
    link.endGrace = this.#parts.clock.after(GRACE, () => {
      link.counts = true;
      // The network only says that it does not accept our proof; a check may find the cause.
      if (link.trouble?.kind === "proof") void this.check(network);
      else this.#review(network);
    });
  }

  /** The trouble of a network; undefined while any login is connected to it. */
  #troubleOf(network: NetworkId): NetworkTrouble | undefined {
    if (this.#isConnected(network)) return undefined;
    const links = Array.from(this.#links.values()).filter((link) => link.network === network && link.counts);
    const connectionTrouble = links.find(({ trouble }) => trouble !== undefined)?.trouble;
    const checkTrouble = this.#checkTroubles.get(network);
    // A check that found the cause says more than a connection that failed for it.
    return connectionTrouble && connectionTrouble.kind !== checkTrouble?.kind
      ? connectionTrouble
      : (checkTrouble ?? connectionTrouble);
  }

  #isConnected(network: NetworkId): boolean {
    return Array.from(this.#links.values()).some((link) => link.network === network && link.connected);
  }

  /** Warns of a new trouble, and says when it is over. */
  #review(network: Network): void {
    if (this.#closed) return;
    const { log, clock } = this.#parts;
    const trouble = this.#troubleOf(network.id);
    const warned = this.#warned.get(network.id);
    if (trouble) {
      const words = wordsOf(network, trouble);
      if (warned?.words === words) return;
      this.#warned.set(network.id, { words, since: warned?.since ?? clock.now() });
      log.warn(words, { network: network.id, address: trouble.address });
    } else if (warned) {
      this.#warned.delete(network.id);
      log.info(`${network.name} can be used again`, {
        network: network.id,
        seconds: (clock.now() - warned.since) / 1_000,
      });
    }
  }
}

const wordsOf = ({ name }: Network, { what, cure }: NetworkTrouble): string =>
  `${name} cannot be used. ${what} ${cure}`;
