import { createHmac } from "node:crypto";

export interface NewUser {
  readonly localpart: string;
  readonly password: string;
  readonly displayName?: string;
  readonly admin?: boolean;
}

export interface Registered {
  readonly userId: string;
  readonly accessToken: string;
}

/**
 * Registers a person by Synapse's shared-secret admin API (nonce, then HMAC-SHA1 over the fields).
 * Undefined when the name is taken.
 */
export async function registerUser(
  homeserver: string,
  sharedSecret: string,
  user: NewUser,
): Promise<Registered | undefined> {
  const url = `${homeserver}/_synapse/admin/v1/register`;
  const { nonce } = (await (await fetch(url)).json()) as { nonce: string };
  const mac = createHmac("sha1", sharedSecret)
    .update([nonce, user.localpart, user.password, user.admin === true ? "admin" : "notadmin"].join("\0"))
    .digest("hex");
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      nonce,
      username: user.localpart,
      displayname: user.displayName ?? user.localpart,
      password: user.password,
      admin: user.admin === true,
      mac,
    }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (body["errcode"] === "M_USER_IN_USE") return undefined;
  if (!response.ok) throw new Error(`Synapse refused to register ${user.localpart}: ${response.status}`);
  return { userId: String(body["user_id"]), accessToken: String(body["access_token"]) };
}
