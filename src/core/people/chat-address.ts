import type { NetworkId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";

/** The most characters of what finds somebody. */
const LONGEST = 100;

/** Whom an alias is about. */
export interface Addressed {
  readonly network: Network;
  /** As a person would type it after `start-chat`. */
  readonly query: string;
}

/**
 * Reads `whatsapp_31612345678`, the localpart of an alias without the bridge's prefix. What an alias cannot have is
 * written as in user ids (spec: Mapping from other character sets): `=2b` is a plus. Undefined where it is about nobody.
 */
export function addressIn(key: string, networks: ReadonlyMap<NetworkId, Network>): Addressed | undefined {
  const at = key.indexOf("_");
  const network = networks.get(key.slice(0, Math.max(at, 0)) as NetworkId);
  const query = network && unescaped(key.slice(at + 1));
  if (!network || query === undefined || query === "" || query.length > LONGEST) return undefined;
  // oxlint-disable-next-line no-control-regex -- They are what is looked for.
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(query) || query.trim() !== query ? undefined : { network, query };
}

/** A phone number is found by its digits too, as an alias with a plus is awkward to write. */
export const spellings = (query: string): readonly string[] =>
  /^\d{6,15}$/.test(query) ? [`+${query}`, query] : [query];

/** Undefined where an escape is none, or its bytes are no UTF-8. */
function unescaped(text: string): string | undefined {
  if (/=(?![0-9a-f]{2})/i.test(text)) return undefined;
  try {
    return decodeURIComponent(encodeURIComponent(text).replaceAll(/%3D([0-9a-f]{2})/gi, "%$1"));
  } catch {
    return undefined;
  }
}
