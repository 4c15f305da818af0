import type { UserId } from "../core/model/ids.ts";
import type { Access } from "../core/ports/access.ts";
import type { Permission } from "../core/ports/operations.ts";
import type { Config } from "./schema.ts";

/** The access of users by `permissions`: a user's own entry counts first, then their server's, then `*`. */
export function accessOf(permissions: Config["permissions"]): Access {
  return { levelOf: (user) => permissionOf(permissions, user).level };
}

/** What somebody may do, and by which entry. */
export function permissionOf(permissions: Config["permissions"], user: UserId): Permission {
  const server = user.slice(user.indexOf(":") + 1);
  const entry = [user, server, "*"].find((key) => Object.hasOwn(permissions, key));
  return { level: (entry === undefined ? undefined : permissions[entry]) ?? "none", entry };
}
