import { BridgeError } from "../../core/model/errors.ts";
import type { ServerIdentity } from "./server-identity.ts";
import { isOldSynapse } from "./synapse-version.ts";

/** Refuses an old Synapse; other homeservers, and nameless ones, are checked by their abilities alone. */
export function assertNewEnough({ name, version }: ServerIdentity): void {
  if (name?.toLowerCase() !== "synapse" || version === undefined || !isOldSynapse(version)) return;
  throw new BridgeError("homeserver-fault", {
    words: `This is Synapse ${version}. 1.141 or newer is needed: older ones forget at a restart what was sent, and messages would arrive twice. Update it.`,
    certain: true,
  });
}
