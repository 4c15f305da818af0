import type { ListenAddress } from "../../config/listen.ts";
import { localUrl } from "../../config/listen.ts";
import { type StandIn, standIn } from "./stand-in.ts";

/** Who answers the homeserver's calls while a check runs. */
interface PingListener extends StandIn {
  readonly kind: "bridge" | "doctor" | "other";
}

export const PING = "/_matrix/app/v1/ping";

/** Milliseconds. */
const TIMEOUT = 5_000;

/**
 * Stands in for a bridge that does not run: it answers the homeserver's ping and takes nothing else, so that what is
 * pushed meanwhile is pushed again later. Throws what the system says where the address cannot be listened on.
 */
export async function pingListener(listen: ListenAddress, hsToken: string): Promise<PingListener> {
  const listener = await standIn(listen, ({ url = "", headers }) => {
    if (url.split("?", 1)[0] !== PING) return undefined;
    const known = headers.authorization === `Bearer ${hsToken}`;
    return { status: known ? 200 : 403, body: known ? {} : { errcode: "M_FORBIDDEN" } };
  });
  const kind = listener.isOurs ? "doctor" : (await isBridge(listen, hsToken)) ? "bridge" : "other";
  return {
    kind,
    isOurs: listener.isOurs,
    heard: listener.heard,
    get heardTls() {
      return listener.heardTls;
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** Whether what listens there takes our homeserver's token at its ping, and no other. */
async function isBridge(listen: ListenAddress, hsToken: string): Promise<boolean> {
  const ping = async (token: string): Promise<number> => {
    const response = await fetch(`${localUrl(listen)}${PING}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return response.status;
  };
  try {
    return (await ping(hsToken)) === 200 && (await ping(`no${hsToken}`)) !== 200;
  } catch {
    return false;
  }
}
