import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { ListenAddress } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";

/** What a request is answered with. */
interface StandInReply {
  readonly status: number;
  readonly body: unknown;
}

/** What came to an address of the bridge's while a check stood in for it. */
interface Heard {
  readonly path: string;
  readonly authorization: string | undefined;
}

/** Somebody who answers at an address of the bridge's. */
export interface StandIn extends AsyncDisposable {
  /** False where another program listens there, which may be the bridge. */
  readonly isOurs: boolean;
  readonly heard: readonly Heard[];
  /** Whether somebody began to speak TLS to it. */
  readonly heardTls: boolean;
}

/** The first byte of a TLS connection (RFC 8446, 5.1: handshake). */
const TLS = 0x16;

/**
 * Answers at an address where no bridge listens, until it is disposed: what `answer` has, and 503 for all else, so that
 * whoever asks comes again. Throws what the system says where the address cannot be listened on.
 */
export async function standIn(
  listen: ListenAddress,
  answer: (request: IncomingMessage) => Promise<StandInReply | undefined> | StandInReply | undefined,
): Promise<StandIn> {
  const heard: Heard[] = [];
  let heardTls = false;
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    heard.push({ path: url.split("?", 1)[0] ?? "", authorization: headers.authorization });
    const give = ({ status, body }: StandInReply): void =>
      void response
        .writeHead(status, { "content-type": "application/json", connection: "close" })
        .end(JSON.stringify(body));
    const otherwise = { status: 503, body: { errcode: "M_UNKNOWN" } };
    Promise.resolve(answer(request)).then(
      (reply) => give(reply ?? otherwise),
      () => give(otherwise),
    );
  });
  server.on("clientError", (error, socket) => {
    const { rawPacket } = error as { readonly rawPacket?: Uint8Array };
    heardTls ||= rawPacket?.[0] === TLS;
    socket.destroy();
  });
  try {
    server.listen({ host: listen.host, port: listen.port });
    await once(server, "listening");
  } catch (error) {
    if (systemCode(error) !== "EADDRINUSE") throw error;
    return { isOurs: false, heard, heardTls, [Symbol.asyncDispose]: async () => undefined };
  }
  return {
    isOurs: true,
    heard,
    get heardTls() {
      return heardTls;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
