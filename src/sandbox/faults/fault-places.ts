import type { Direction } from "./fault-target.ts";
import type { FaultName, FaultRule } from "./faults.ts";

/** The stanzas of one direction that a fault can hit, and whom a rule may name for them. */
interface Place {
  readonly direction: Direction;
  readonly stanzas: readonly string[];
  readonly names: readonly ("person" | "user")[];
}

const both = ["person", "user"] as const;
const place = (direction: Direction, stanzas: readonly string[], names: Place["names"]): Place => ({
  direction,
  stanzas,
  names,
});

/** The stanzas of a connection after its login. */
const wire = [
  place("to_bridge", ["message", "receipt", "call", "ack", "chatstate"], both),
  place("to_bridge", ["notification", "iq", "ib", "success"], ["user"]),
  place("from_bridge", ["message", "receipt", "ack", "chatstate"], both),
  place("from_bridge", ["iq", "presence"], ["user"]),
];
const login = place("from_bridge", ["connect"], ["user"]);
const enlistment = place("from_bridge", ["enlist", "de-enlist"], ["user"]);
const message = place("from_bridge", ["message"], both);
/** Files that persons sent and the bridge fetches; files that the bridge's users sent and phones fetch. */
const media = [place("to_bridge", ["media"], []), place("from_bridge", ["media"], [])];

const places: Record<FaultName, readonly Place[]> = {
  drop: wire,
  duplicate: wire,
  delay: [...wire, place("from_bridge", ["de-enlist"], ["user"])],
  reorder: wire,
  disconnect: wire,
  "reject-handshake": [login],
  failure: [login],
  "retry-receipt": [message],
  // The bridge fetches a person's keys by `iq`; a person who writes first takes the keys of the bridge's user.
  "prekeys-exhausted": [place("from_bridge", ["iq"], both), place("to_bridge", ["message"], both)],
  throttle: [message, place("from_bridge", ["iq"], ["user"]), login, enlistment],
  "media-down": media,
  "http-error": [...media, enlistment],
};

/** The faults that take time, and so read `ms`. */
const lasting: readonly FaultName[] = ["delay", "reorder", "throttle"];

/** Why a rule can never hit anything, in words for whoever sent it; undefined when it can. */
export function neverHits(rule: FaultRule): string | undefined {
  const { fault, direction, stanza, ms } = rule;
  if (ms !== undefined && !lasting.includes(fault)) return `\`${fault}\` has no use for \`ms\`.`;
  const there = places[fault].filter(
    (one) =>
      (direction === undefined || direction === one.direction) &&
      (stanza === undefined || one.stanzas.includes(stanza)) &&
      (["person", "user"] as const).every((name) => rule[name] === undefined || one.names.includes(name)),
  );
  if (there.length > 0) return undefined;
  const words = places[fault].map(({ direction, stanzas, names }) =>
    [`${direction} ${stanzas.join("|")}`, ...names].join(" + "),
  );
  return `This can never happen. \`${fault}\` strikes: ${words.join("; ")}.`;
}
