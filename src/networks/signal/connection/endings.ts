import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Ended, NetworkTrouble } from "../../../core/ports/network.ts";
import { serviceFailure } from "../service/service-errors.ts";
import { tooOld } from "./network-check.ts";

/** What to do after a connection ended, or could not be made. */
export type AfterEnding =
  /** Tried again by itself, at once or after `wait` milliseconds; `pace`: as soon as the server can be reached. */
  | {
      readonly kind: "again";
      readonly when: "at-once" | "pace" | { readonly wait: number };
      readonly words: string;
    }
  /** Not tried again. */
  | {
      readonly kind: "over";
      readonly words: string;
      readonly ended?: Ended;
      readonly trouble?: NetworkTrouble;
    };

/** Milliseconds to wait where the server asks to wait, and does not say for how long. */
const WAIT_WHERE_UNSAID = 60_000;

export function afterEnding(fault: unknown, address: string): AfterEnding {
  if (fault instanceof BridgeError) return { kind: "again", when: "pace", words: fault.words };
  const failure = serviceFailure(fault);
  switch (failure.kind) {
    case "unlinked": {
      const words =
        "This bridge was removed from the linked devices of your Signal account, or your account changed. Write “enable signal” to the bot to link it again; your chats go on in their rooms then.";
      return { kind: "over", words, ended: { kind: "gone", words } };
    }
    case "too-old":
      return {
        kind: "over",
        words: "Signal no longer serves this version of the bridge. Whoever runs it should update it.",
        trouble: tooOld(address),
      };
    case "connected-elsewhere":
      return {
        kind: "over",
        words:
          "Another connection of the same linked device took the place of this one. If a second bridge runs on a copy of this one's database, stop one of the two; then restart this one.",
      };
    case "rate-limited":
    case "challenge": {
      const wait = failure.wait ?? WAIT_WHERE_UNSAID;
      return {
        kind: "again",
        when: { wait },
        words: `Signal asks this bridge to wait ${durationWords(wait / 1_000)} before it connects again.`,
      };
    }
    case "invalidated":
      return { kind: "again", when: "at-once", words: BROKEN };
    case "not-found":
    case "refused":
    case "unauthorized":
    case "unreachable":
      return { kind: "again", when: "pace", words: BROKEN };
  }
}

const BROKEN = "The connection to Signal is broken.";
