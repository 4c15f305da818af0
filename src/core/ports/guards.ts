import { BridgeError } from "../model/errors.ts";
import type { PortalKey } from "../model/events.ts";
import type { LoginId, OutboxId } from "../model/ids.ts";
import type { Portal } from "./rows.ts";

type PortalAsIs = Pick<Portal, "login" | "chat" | "room" | "state">;

/** What must be so for a record to stand, whole. */
export type Guard =
  | { readonly kind: "login-exists"; readonly login: LoginId }
  /** Whatever its state. */
  | { readonly kind: "chat-exists"; readonly key: PortalKey }
  /** The chat has this room, or none, and is in this state. */
  | { readonly kind: "portal-stands"; readonly portal: PortalAsIs }
  /** A row of the network outbox waits to be sent. */
  | { readonly kind: "row-queued"; readonly row: OutboxId }
  /** As `row-queued`, and no bytes of it are sealed, so that none can have left. */
  | { readonly kind: "row-unsealed"; readonly row: OutboxId };

/** The chat is what it was when it was looked up. */
export const stands = ({ login, chat, room, state }: PortalAsIs): Guard => ({
  kind: "portal-stands",
  portal: { login, chat, room, state },
});

/**
 * A record was not committed, because a guard of it did not hold. Who made it reads again and decides anew; nobody else
 * need know. Where nobody expects it, it is tried again.
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
