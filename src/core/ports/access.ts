import type { UserId } from "../model/ids.ts";

export type AccessLevel = "none" | "user" | "admin";

/** Who may use the bridge; decided by the configuration. */
export interface Access {
  levelOf(user: UserId): AccessLevel;
}

/** Whose a token is, as asked of the server that gave it out. Undefined where it is nobody's, or good no more. */
export interface TokenOwners {
  /** An access token of our own homeserver. Throws BridgeError where that does not answer. */
  ofAccessToken(token: string): Promise<UserId | undefined>;
  /**
   * An OpenID token (specification: client-server API, “OpenID”) that somebody says is `user`'s: only the homeserver of
   * that name is asked, and only a user of it is an answer. Throws BridgeError where it does not answer.
   */
  ofOpenId(token: string, user: UserId): Promise<UserId | undefined>;
}
