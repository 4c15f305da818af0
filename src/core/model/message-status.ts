import type { Reason } from "./errors.ts";
import type { UserId } from "./ids.ts";

/** Why an event is not delivered, for a client. */
type Why = "unsupported" | "unreadable" | "forbidden" | "network" | "other";

/** What became of a person's event, for clients that show it. */
export type MessageStatus =
  /** `words`: what it waits for. */
  | { readonly kind: "pending"; readonly words?: string }
  /** `to`: nobody yet, where the network tells who has it; undefined where it does not. */
  | { readonly kind: "sent"; readonly to?: readonly [] }
  | { readonly kind: "delivered"; readonly to: readonly UserId[] }
  /** `again`: whether the bridge sends it again on its person's word. */
  | { readonly kind: "failed"; readonly why: Why; readonly words: string; readonly again: boolean }
  | { readonly kind: "refused"; readonly why: Why; readonly words: string };

const WHY: { readonly [R in Reason]?: Why } = {
  unsupported: "unsupported",
  "too-large": "unsupported",
  "not-logged-in": "forbidden",
  forbidden: "forbidden",
  "not-reachable": "network",
  "remote-refused": "network",
  "remote-unreachable": "network",
  "too-slow": "network",
};

/** `reason`: a BridgeError's, or another. */
export const whyOf = (reason: string): Why => WHY[reason as Reason] ?? "other";
