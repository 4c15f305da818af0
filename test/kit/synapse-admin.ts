import { registerUser } from "../../tools/synapse/register.ts";

type Json = Readonly<Record<string, unknown>>;
type Ask = (method: string, path: string, body?: object) => Promise<Json>;

/** An administrator of a Synapse. */
export interface SynapseAdmin {
  readonly userId: string;
  /** A request of Synapse's admin API; `path` begins after `/_synapse/admin/`. */
  readonly ask: Ask;
  /** A request of the client API; `path` begins after `/_matrix/client/v3/`. */
  readonly client: Ask;
}

export async function synapseAdmin(url: string, sharedSecret: string): Promise<SynapseAdmin> {
  const account = { localpart: "root", password: "password", admin: true };
  const registered = await registerUser(url, sharedSecret, account);
  if (registered === undefined) throw new Error("there is an administrator already");
  const { userId, accessToken } = registered;
  const under =
    (prefix: string): Ask =>
    async (method, path, body) => {
      const response = await fetch(`${url}${prefix}${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`);
      return (await response.json()) as Json;
    };
  return { userId, ask: under("/_synapse/admin/"), client: under("/_matrix/client/v3/") };
}
