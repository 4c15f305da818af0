import { once } from "node:events";
import { createServer } from "node:http";
import type { ListenAddress } from "../../config/listen.ts";
import { localUrl } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";

/** Who answers the homeserver's calls while a check runs. */
export interface PingListener extends AsyncDisposable {
  readonly kind: "bridge" | "doctor" | "other";
}

/** Milliseconds. */
const TIMEOUT = 5_000;

/**
 * Stands in for a bridge that does not run: it answers the homeserver's ping and takes nothing else, so that what is
 * pushed meanwhile is pushed again later. Throws what the system says where the address cannot be listened on.
 */
export async function pingListener(listen: ListenAddress, hsToken: string): Promise<PingListener> {
  const server = createServer(({ url = "", headers }, response) => {
    const isPing = url.split("?", 1)[0] === "/_matrix/app/v1/ping";
    const known = headers.authorization === `Bearer ${hsToken}`;
    response.statusCode = !isPing ? 503 : known ? 200 : 403;
    response.setHeader("content-type", "application/json");
    response.end(isPing && known ? "{}" : JSON.stringify({ errcode: isPing ? "M_FORBIDDEN" : "M_UNKNOWN" }));
  });
  try {
    server.listen({ host: listen.host, port: listen.port });
    await once(server, "listening");
  } catch (error) {
    if (systemCode(error) !== "EADDRINUSE") throw error;
    const kind = (await isBridge(listen, hsToken)) ? "bridge" : "other";
    return { kind, [Symbol.asyncDispose]: async () => undefined };
  }
  return {
    kind: "doctor",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Whether what listens there takes our homeserver's token at its ping, and no other. */
async function isBridge(listen: ListenAddress, hsToken: string): Promise<boolean> {
  const ping = async (token: string): Promise<number> => {
    const response = await fetch(`${localUrl(listen)}/_matrix/app/v1/ping`, {
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
