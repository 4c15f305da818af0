import type { NetworkName } from "../config.ts";
import { type Account, accountJid } from "../state/accounts.ts";

export type Direction = "to_bridge" | "from_bridge";

/** What is happening, to be compared with the orders. Names are all those by which a thing may be ordered. */
export interface Occasion {
  readonly network: NetworkName;
  readonly direction: Direction;
  /** A stanza's tag; `connect`, `enlist`, `de-enlist` and `media` for what is none. */
  readonly stanza: string;
  readonly person: readonly (string | undefined)[];
  readonly user: readonly string[];
}

/** Something that happens to an integrator's user: by visible id, JID and account id. */
export function occasion(
  account: Account,
  direction: Direction,
  stanza: string,
  person: Occasion["person"] = [],
): Occasion {
  const { network, sub, id } = account;
  return { network, direction, stanza, person, user: [sub, accountJid(account), String(id)] };
}

/** Something that happens on a network, to nobody who is known there. */
export function anonymous(network: NetworkName, direction: Direction, stanza: string): Occasion {
  return { network, direction, stanza, person: [], user: [] };
}
