import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts a server that stands before another, until `around` is disposed; answers its port. */
export async function before(around: AsyncDisposableStack, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  around.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
