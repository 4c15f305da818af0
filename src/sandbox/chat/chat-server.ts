import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { MAX_FRAME } from "../../networks/meta-interop/wire/noise/frames.ts";
import { ServerHandshake } from "../../networks/meta-interop/wire/noise/handshake.ts";
import type { KeyPair } from "../../networks/meta-interop/wire/noise/x25519.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import { type NetworkName, networkNames } from "../config.ts";
import { faultTarget } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import { failureName, type Logger } from "../logger.ts";
import type { LoginResult } from "./chat-login.ts";
import { ChatSocket, type Hello } from "./chat-socket.ts";
import { LoginSession, type LoginSessionParts } from "./login-session.ts";
import type { OnlineSessions } from "./online-sessions.ts";

interface ChatServerParts {
  readonly identity: { readonly static: KeyPair; readonly chain: () => Uint8Array };
  readonly login: Readonly<Record<NetworkName, (hello: Hello) => Promise<LoginResult>>>;
  readonly session: Omit<LoginSessionParts, "socket" | "account">;
  readonly sessions: OnlineSessions;
  readonly faults: Faults;
  readonly violations: Violations;
  readonly log: Logger;
  readonly handle: (session: LoginSession, stanza: Node) => void;
}

const mostSockets = 2000;

/** The chat endpoints: `GET /{network}/chat` becomes a WebSocket. */
export function serveChat(server: Server, parts: ChatServerParts): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME + (64 << 10),
    perMessageDeflate: false,
  });

  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = (request.url ?? "").split("?")[0];
    const network = networkNames.find((name) => path === `/${name}/chat`);
    stream.on("error", () => stream.destroy());
    if (network === undefined || sockets.clients.size >= mostSockets) {
      stream.end(`HTTP/1.1 ${network === undefined ? "404 Not Found" : "503 Service Unavailable"}\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (ws) => accept(parts, network, ws));
  });
  return {
    close(): void {
      for (const ws of sockets.clients) ws.terminate();
      sockets.close();
    },
  };
}

function accept(parts: ChatServerParts, network: NetworkName, ws: WebSocket): void {
  const { sessions, violations, log } = parts;
  const handshake = new ServerHandshake({ static: parts.identity.static, chain: parts.identity.chain() });
  let session: LoginSession | undefined;
  const socket: ChatSocket = new ChatSocket(ws, handshake, {
    onHello(hello) {
      const logIn = async (): Promise<void> => {
        session = await admit(parts, network, socket, hello);
        // The socket may have closed while the token was checked.
        if (session !== undefined && !socket.open) leave(session);
      };
      logIn().catch((cause: unknown) => {
        log.error("a login failed", { network, failure: failureName(cause) });
        socket.terminate();
      });
    },
    onStanza(stanza) {
      session?.receive(stanza, (decoded) => session && parts.handle(session, decoded));
    },
    onViolation(kind, cause) {
      const user = session?.jid;
      violations.add({
        kind,
        network,
        user,
        words: cause instanceof Error ? cause.message : "unreadable bytes",
      });
    },
    onClose() {
      if (session !== undefined) leave(session);
    },
  });
  const leave = (who: LoginSession): void => {
    who.stop();
    sessions.remove(who);
  };
}

async function admit(
  parts: ChatServerParts,
  network: NetworkName,
  socket: ChatSocket,
  hello: Hello,
): Promise<LoginSession | undefined> {
  const fail = (reason: string): undefined => {
    socket.send(encodeStanza(node("failure", { reason })));
    socket.close();
  };
  const result = await parts.login[network](hello);
  if ("failure" in result) return fail(result.failure);
  const { account } = result;
  const target = faultTarget(account, "from_bridge", "connect");
  const fault = parts.faults.hit(["reject-handshake", "failure", "throttle"], target);
  if (fault?.fault === "reject-handshake") {
    socket.terminate();
    return undefined;
  }
  if (fault !== undefined) return fail(fault.fault === "throttle" ? "429" : "503");
  if (!socket.open) return undefined;
  const session = new LoginSession({ ...parts.session, socket, account });
  parts.sessions.add(session);
  parts.log.info("connected", { network, user: session.jid });
  // `start` hands on the stanzas that came early, so the caller must have the session first.
  setImmediate(() => session.start());
  return session;
}
