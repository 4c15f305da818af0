import type { LoginId, NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { ConnectionState, Network, NetworkTrouble } from "../ports/network.ts";

/** Milliseconds a login may be without its network before that counts as trouble: connections come and go. */
const GRACE = 10_000;
/** Milliseconds between checks of a network that failed one: the first pause, doubled up to the longest. */
const CHECK_AGAIN = { first: 5_000, longest: 300_000 };

interface NetworkWatchParts {
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly clock: Clock;
  readonly log: Log;
}

/** One login's connection, as far as the watch needs it. */
interface Link {
  readonly network: NetworkId;
  connected: boolean;
  /** What its last state told, and whether the time of grace is over, so that it counts. */
  trouble: NetworkTrouble | undefined;
  counts: boolean;
  endGrace: () => void;
}

interface Check {
  failures: number;
  cancel: () => void;
}

/**
 * Says to the administrator when a network cannot be used: one warning a cause, and {@link reasons} for as long as it
 * lasts. It looks from the start on, also where nobody has a login yet.
 */
export class NetworkWatch implements Disposable {
  readonly #parts: NetworkWatchParts;
  readonly #links = new Map<LoginId, Link>();
  readonly #checks = new Map<NetworkId, Check>();
  /** What the last checks found. */
  readonly #found = new Map<NetworkId, NetworkTrouble>();
  /** What was warned of and is not over. */
  readonly #told = new Map<NetworkId, { readonly words: string; readonly since: number }>();
  #closed = false;

  constructor(parts: NetworkWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const network of this.#parts.networks.values()) void this.check(network);
  }

  /** What keeps networks from being used, a line each. */
  reasons(): readonly string[] {
    return Array.from(this.#parts.networks.values()).flatMap((network) => {
      const trouble = this.#troubleOf(network.id);
      return trouble ? [wordsOf(network, trouble)] : [];
    });
  }

  /** The connection of a login changed. */
  state(login: LoginId, network: Network, state: ConnectionState): void {
    const link = this.#links.get(login) ?? this.#begin(login, network);
    const { kind } = state;
    if (kind === "connected") {
      link.endGrace();
      Object.assign(link, { connected: true, trouble: undefined, counts: false });
      this.#found.delete(network.id);
    } else {
      if (kind !== "connecting") link.trouble = state.trouble;
      if (link.connected) this.#away(link, network);
    }
    this.#review(network);
  }

  /** The login is no more. */
  forget(login: LoginId): void {
    const link = this.#links.get(login);
    if (!link) return;
    link.endGrace();
    this.#links.delete(login);
    const network = this.#parts.networks.get(link.network);
    if (network) this.#review(network);
  }

  /** Checks a network, and where that fails again until it does not. */
  async check(network: Network): Promise<void> {
    if (!network.check || this.#closed) return;
    const before = this.#checks.get(network.id);
    before?.cancel();
    const check: Check = { failures: before?.failures ?? 0, cancel: () => undefined };
    this.#checks.set(network.id, check);
    const found = await network.check().catch((error: unknown) => {
      this.#parts.log.warn("a network could not be checked", { network: network.id, ...faultOf(error) });
      return undefined;
    });
    // Another check began meanwhile, and tells more.
    if (this.#closed || this.#checks.get(network.id) !== check) return;
    if (found && !this.#isConnected(network.id)) {
      this.#found.set(network.id, found);
      const pause = Math.min(CHECK_AGAIN.longest, CHECK_AGAIN.first * 2 ** check.failures++);
      check.cancel = this.#parts.clock.after(pause, () => void this.check(network));
    } else {
      this.#found.delete(network.id);
      this.#checks.delete(network.id);
    }
    this.#review(network);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const { endGrace } of this.#links.values()) endGrace();
    for (const { cancel } of this.#checks.values()) cancel();
  }

  #begin(login: LoginId, network: Network): Link {
    const link: Link = {
      network: network.id,
      connected: false,
      trouble: undefined,
      counts: false,
      endGrace: () => undefined,
    };
    this.#links.set(login, link);
    this.#away(link, network);
    return link;
  }

  #away(link: Link, network: Network): void {
    link.connected = false;
    link.endGrace = this.#parts.clock.after(GRACE, () => {
      link.counts = true;
      // The network says only that it does not believe us; why, a check may see.
      if (link.trouble?.kind === "proof") void this.check(network);
      else this.#review(network);
    });
  }

  /** What is wrong with a network; undefined while anybody is connected to it. */
  #troubleOf(network: NetworkId): NetworkTrouble | undefined {
    if (this.#isConnected(network)) return undefined;
    const links = Array.from(this.#links.values()).filter((link) => link.network === network && link.counts);
    const met = links.find(({ trouble }) => trouble !== undefined)?.trouble;
    const found = this.#found.get(network);
    // A check that saw why says more than a connection that only met it.
    return met && met.kind !== found?.kind ? met : (found ?? met);
  }

  #isConnected(network: NetworkId): boolean {
    return Array.from(this.#links.values()).some((link) => link.network === network && link.connected);
  }

  /** Warns of what is new, and says when it is over. */
  #review(network: Network): void {
    if (this.#closed) return;
    const { log, clock } = this.#parts;
    const trouble = this.#troubleOf(network.id);
    const told = this.#told.get(network.id);
    if (trouble) {
      const words = wordsOf(network, trouble);
      if (told?.words === words) return;
      this.#told.set(network.id, { words, since: told?.since ?? clock.now() });
      log.warn(words, { network: network.id, address: trouble.address });
    } else if (told) {
      this.#told.delete(network.id);
      log.info(`${network.name} can be used again`, {
        network: network.id,
        seconds: (clock.now() - told.since) / 1_000,
      });
    }
  }
}

const wordsOf = ({ name }: Network, { what, cure }: NetworkTrouble): string =>
  `${name} cannot be used. ${what} ${cure}`;
