import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { LoginId, OutboxId } from "../model/ids.ts";
import type { NetworkOutboxState, Portal } from "./rows.ts";

type PortalAsIs = Pick<Portal, "login" | "chat" | "room" | "state">;

/** A condition under which a record is committed as a whole. */
export type Guard =
  | { readonly kind: "login-exists"; readonly login: LoginId }
  /** The portal exists, in any state. */
  | { readonly kind: "chat-exists"; readonly key: PortalKey }
  /** The portal has this room, or none, and this state. */
  | { readonly kind: "portal-stands"; readonly portal: PortalAsIs }
  /** The row of the network outbox is still queued. */
  | { readonly kind: "row-queued"; readonly row: OutboxId }
  /** As `row-queued`, and nothing is sealed for it, so that nothing can have left. */
  | { readonly kind: "row-unsealed"; readonly row: OutboxId }
  /** The row of the network outbox has this state. */
  | { readonly kind: "row-is"; readonly row: OutboxId; readonly state: NetworkOutboxState };

/** The guard that a portal is still as it was read. */
export const stands = ({ login, chat, room, state }: PortalAsIs): Guard => ({
  kind: "portal-stands",
  portal: { login, chat, room, state },
});

/**
 * Rejects a record of which a guard did not hold. Its maker reads again and decides anew; where nobody handles it, the
 * work is tried again.
 */
export class GuardFailed extends BridgeError {
  readonly guard: Guard;

  constructor(guard: Guard) {
    super("changed", {
      words: "This changed while the bridge was at work on it. Please try again.",
      certain: true,
      retryAfter: 0,
    });
    this.name = "GuardFailed";
    this.guard = guard;
  }
}

/** Whether a record was rejected for a guard of this kind; false once it is committed. */
export async function rejectedBy(kind: Guard["kind"], written: Promise<void>): Promise<boolean> {
  try {
    await written;
    return false;
  } catch (error) {
    if (error instanceof GuardFailed && error.guard.kind === kind) return true;
    throw error;
  }
}
