import { BridgeError } from "../../core/model/errors.ts";
import { fieldOf } from "../http/json.ts";
import { Requests, type Route } from "../http/requests.ts";
import { proxiedBase } from "../registration/proxied.ts";
import type { Registration } from "../registration/registration.ts";

/** What this bridge alone answers there. */
const PROBE = "/.well-known/matrix/mautrix";

/** Whether the homeserver passes clients' requests on (MSC4512); `failing` where it tries to, and does not reach us. */
export type Proxying = "on" | "off" | "failing";

/** Asks the homeserver as the bridge itself, for what only we can answer. */
export async function checkProxying(homeserverUrl: string, registration: Registration): Promise<Proxying> {
  const base = proxiedBase(registration);
  if (base === undefined) return "off";
  await using requests = new Requests({ homeserverUrl, asToken: registration.as_token, connections: 1 });
  try {
    const { status, body } = await requests.ask({ method: "GET", path: (base + PROBE) as Route });
    if (status === 200 && fieldOf(body, "fi.mau.bridges") !== undefined) return "on";
    return status >= 500 ? "failing" : "off";
  } catch (error) {
    // Whether the homeserver answers at all, others look after.
    if (error instanceof BridgeError) return "off";
    throw error;
  }
}
