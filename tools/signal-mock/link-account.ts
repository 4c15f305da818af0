import type { Json } from "../matrix/api.ts";
import type { SignalPhone } from "./client.ts";

interface Account {
  /** The address of the bridge's provisioning API, without a path. */
  readonly provisioning: string;
  readonly userId: string;
  /** The person's access token at their homeserver. */
  readonly token: string;
}

/** Milliseconds for one answer. */
const PATIENCE = 60_000;

/** Most steps that a flow may take before it is given up: the code is renewed while nobody scans it. */
const STEPS = 20;

/** Turns Signal on for a person through the provisioning API, and scans its QR code with their phone. */
export async function linkAccount(
  { provisioning, userId, token }: Account,
  phone: SignalPhone,
): Promise<void> {
  const ask = async (path: string, body: Json): Promise<Json> => {
    const url = `${provisioning}/signal/_matrix/provision/v3/login/${path}?user_id=${encodeURIComponent(userId)}`;
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The provisioning API answered ${response.status}: ${text}`);
    return JSON.parse(text) as Json;
  };
  let at = await ask("start/signal.qr", {});
  let scanned: Promise<void> | undefined;
  for (let step = 0; at["type"] !== "complete"; step++) {
    if (step > STEPS) throw new Error("The login does not come to an end");
    const path = `step/${String(at["login_id"])}/${String(at["step_id"])}/${String(at["type"])}`;
    const { type, data } = (at["display_and_wait"] ?? {}) as {
      readonly type?: string;
      readonly data?: string;
    };
    if (type === "qr" && data !== undefined) scanned ??= phone.scans(data);
    at = await ask(path, at["type"] === "user_input" ? { agree: "yes" } : {});
  }
  await scanned;
}
