import type { UserId } from "../model/ids.ts";

export type AccessLevel = "none" | "user" | "admin";

/** Who may use the bridge; decided by the configuration. */
export interface Access {
  levelOf(user: UserId): AccessLevel;
}
