import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { NetworkName } from "../config.ts";
import { failureName, type Logger } from "../logger.ts";
import type { Endpoints } from "../partner/endpoints.ts";
import type { SigningKey } from "../partner/signing-key.ts";
import type { Accounts } from "../state/accounts.ts";
import type { NetworkStates } from "../state/network-states.ts";

const lifetimeSeconds = 120;
const timeoutMs = 5000;
const firstRetryMs = 1000;
const lastRetryMs = 60_000;

/** The address of an integrator's pushes: its `push_url`, with the profile's path unless it has it. */
export function pushAddress(pushUrl: string): string {
  const plain = pushUrl.replace(/\/$/, "");
  return plain.endsWith("/interop/push") ? plain : `${plain}/interop/push`;
}

/**
 * Tells integrators that something waits for a user who is not connected, until the integrator answers 2xx or the
 * user connects: `POST {push_url}/interop/push {account_id, reason}` with a Bearer JWT (EdDSA, `iss` the network's base URL,
 * `aud` the address, `body_sha256` the base64url hash of the body). Never more often than once a second a user.
 */
export function pusher(parts: {
  readonly accounts: Accounts;
  readonly states: NetworkStates;
  readonly endpoints: () => Readonly<Record<NetworkName, Endpoints>>;
  readonly key: SigningKey;
  readonly connected: (account: number) => boolean;
  readonly log: Logger;
}) {
  const running = new Map<number, NodeJS.Timeout | undefined>();
  let closed = false;

  async function post(address: string, issuer: string, account: number): Promise<boolean> {
    const body = JSON.stringify({ account_id: String(account), reason: "message" });
    const hash = createHash("sha256").update(body).digest("base64url");
    const token = await new SignJWT({ body_sha256: hash })
      .setProtectedHeader({ alg: "EdDSA", kid: parts.key.kid, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(address)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeSeconds}s`)
      .setJti(randomUUID())
      .sign(parts.key.privateKey);
    const response = await fetch(address, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok;
  }

  async function attempt(id: number, lastPause: number): Promise<void> {
    const account = parts.accounts.get(id);
    const { connected, states } = parts;
    if (closed || account?.state !== "active" || connected(id)) return void running.delete(id);
    const url = states.integrator(account.network, account.integrator)?.push_url;
    if (url === undefined) return void running.delete(id);
    let accepted = false;
    try {
      accepted = await post(pushAddress(url), parts.endpoints()[account.network].base, id);
    } catch (cause) {
      parts.log.debug("a push was not heard", { account: id, failure: failureName(cause) });
    }
    if (closed || connected(id)) return void running.delete(id);
    const pause = accepted ? firstRetryMs : Math.min(lastPause * 2, lastRetryMs);
    const next = (): void => {
      // After a 2xx only the next stanza causes another push.
      if (accepted) running.delete(id);
      else void attempt(id, pause);
    };
    running.set(id, setTimeout(next, pause).unref());
  }

  return {
    /** To be called when a stanza waits for a user without a connection. */
    request(account: number): void {
      if (closed || running.has(account)) return;
      running.set(account, undefined);
      void attempt(account, firstRetryMs / 2);
    },
    close(): void {
      closed = true;
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
