import type { UserId } from "../../core/model/ids.ts";

export interface NamespaceOptions {
  readonly botLocalpart: string;
  /** The prefix of the localparts of ghosts and of room aliases. */
  readonly prefix: string;
  readonly serverName: string;
}

/** The user ids and aliases of this bridge. */
export interface Namespace extends NamespaceOptions {
  readonly bot: UserId;
  ghostId(word: string): UserId;
  /** Whether the id is the bot's or could be a ghost's. */
  isOurs(user: string): boolean;
  /** `#{prefix}{key}:{server}`, for {@link aliasLocalpart} of the same key. */
  alias(key: string): string;
  aliasLocalpart(key: string): string;
  /** The key of an alias of this bridge; undefined for any other. */
  aliasKey(alias: string): string | undefined;
}

export function namespaceOf({ botLocalpart, prefix, serverName }: NamespaceOptions): Namespace {
  const bot = `@${botLocalpart}:${serverName}` as UserId;
  const start = `@${prefix}`;
  const end = `:${serverName}`;
  return {
    botLocalpart,
    prefix,
    serverName,
    bot,
    ghostId: (word) => `${start}${word.toLowerCase().replaceAll(/[^a-z0-9._=/+-]/g, "_")}${end}` as UserId,
    isOurs: (user) => user === bot || (user.startsWith(start) && user.endsWith(end)),
    alias: (key) => `#${prefix}${key}${end}`,
    aliasLocalpart: (key) => `${prefix}${key}`,
    aliasKey: (alias) =>
      alias.startsWith(`#${prefix}`) && alias.endsWith(end)
        ? alias.slice(prefix.length + 1, -end.length)
        : undefined,
  };
}
