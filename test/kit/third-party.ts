/** A third party as the sandbox sees one: a key server that also takes pushes, tokens, enlistment. */
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, type JWTPayload, SignJWT } from "jose";
import { generateKeyPair, type KeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { x25519Thumbprint } from "../../src/sandbox/partner/thumbprint.ts";
import type { SandboxNetwork } from "./sandbox-client.ts";

export interface Push {
  readonly authorization: string;
  readonly body: string;
}

export class ThirdParty implements AsyncDisposable {
  readonly iss: string;
  readonly #server: Server;
  readonly #keys = new Map<string, KeyObject>();
  readonly pushes: Push[] = [];
  #pushed: (() => void)[] = [];
  #kid = "";
  /** If set, what the well-known addresses answer instead. */
  answerWith:
    | { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
    | undefined;

  static async start(): Promise<ThirdParty> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ThirdParty(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.iss = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.rotate();
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const answer = (status: number, body: unknown): void => {
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        };
        if (request.url === "/interop/push") {
          const body = Buffer.concat(chunks).toString();
          this.pushes.push({ authorization: request.headers.authorization ?? "", body });
          for (const heard of this.#pushed.splice(0)) heard();
          return answer(200, {});
        }
        if (this.answerWith !== undefined) {
          const { status, headers = {}, body } = this.answerWith;
          response.writeHead(status, headers).end(body);
          return undefined;
        }
        if (request.url === "/.well-known/openid-configuration") {
          return answer(200, { issuer: this.iss, jwks_uri: `${this.iss}/keys` });
        }
        if (request.url !== "/keys") return answer(404, {});
        const keys = [...this.#keys].map(async ([kid, key]) => ({
          ...(await exportJWK(key)),
          kid,
          d: undefined,
        }));
        void Promise.all(keys).then((list) => answer(200, { keys: list }));
        return undefined;
      });
    });
  }

  /** A new key signs from now on; the old ones stay published. */
  rotate(): void {
    this.#kid = randomUUID();
    this.#keys.set(this.#kid, generateKeyPairSync("ed25519").privateKey);
  }

  pushed(): Promise<void> {
    return new Promise((resolve) => this.#pushed.push(resolve));
  }

  async token(
    noise: KeyPair,
    sub: string,
    aud: string,
    change: JWTPayload = {},
    key?: KeyObject,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const jkt = x25519Thumbprint(noise.publicKey);
    const claims: JWTPayload = {
      iss: this.iss,
      sub,
      idt: "username",
      aud,
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      cnf: { jkt },
      ...change,
    };
    const signer = key ?? this.#keys.get(this.#kid);
    if (signer === undefined) throw new Error("no key");
    return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid: this.#kid }).sign(signer);
  }

  /** Enlists a user; answers everything that a connection needs. */
  async enlist(network: SandboxNetwork, sub: string): Promise<Enlisted> {
    const noise = generateKeyPair();
    const token = await this.token(noise, sub, network.enlist_url);
    const response = await postEnlist(network, token);
    if (!response.ok) throw new Error(`enlistment answered ${response.status}`);
    const body = (await response.json()) as { account_id: string; jid: string; chat_url: string };
    return { sub, noise, network, accountId: body.account_id, jid: body.jid, chatUrl: body.chat_url };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export interface Enlisted {
  readonly sub: string;
  readonly noise: KeyPair;
  readonly network: SandboxNetwork;
  readonly accountId: string;
  readonly jid: string;
  readonly chatUrl: string;
}

export function postEnlist(network: SandboxNetwork, token: string): Promise<Response> {
  return fetch(network.enlist_url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id_token: token }),
  });
}
