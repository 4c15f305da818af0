import type { NetworkName } from "../config.ts";
import { type Account, accountJid } from "../state/accounts.ts";

export type Direction = "to_bridge" | "from_bridge";

/** One stanza or request, to be compared with the fault rules. `person` and `user` hold every name a rule may use. */
export interface FaultTarget {
  readonly network: NetworkName;
  readonly direction: Direction;
  /** The stanza's tag; for other requests `connect`, `enlist`, `de-enlist` or `media`. */
  readonly stanza: string;
  readonly person: readonly (string | undefined)[];
  readonly user: readonly string[];
}

/** A stanza or request of an integrator's user, whom a rule may name by visible id, JID or account id. */
export function faultTarget(
  account: Account,
  direction: Direction,
  stanza: string,
  person: FaultTarget["person"] = [],
): FaultTarget {
  const { network, sub, id } = account;
  return { network, direction, stanza, person, user: [sub, accountJid(account), String(id)] };
}

/** A request of nobody whom the network knows. */
export function anonymousTarget(network: NetworkName, direction: Direction, stanza: string): FaultTarget {
  return { network, direction, stanza, person: [], user: [] };
}
