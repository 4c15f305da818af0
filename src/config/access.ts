import type { UserId } from "../core/model/ids.ts";
import type { Access } from "../core/ports/access.ts";
import type { Config } from "./schema.ts";

/** The access of users by `permissions`: a user's own entry counts first, then their server's, then `*`. */
export function accessOf(permissions: Config["permissions"]): Access {
  const entry = (key: string) => (Object.hasOwn(permissions, key) ? permissions[key] : undefined);
  return {
    levelOf(user: UserId) {
      const server = user.slice(user.indexOf(":") + 1);
      return entry(user) ?? entry(server) ?? entry("*") ?? "none";
    },
  };
}
