import { randomUUID } from "node:crypto";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { DEVICE } from "../homeserver/devices.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, type Reply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { syncFilter } from "../inbound/sync-filter.ts";
import { identityOf, titleOf } from "./server-identity.ts";

/** What a homeserver must be able to do for the bridge's promises, with the words for one that cannot. */
const LACK_WORDS = {
  device:
    "makes no devices for a bridge's users (PUT /_matrix/client/v3/devices/{deviceId} by an application service, Matrix 1.17). Without one it forgets at a restart what was sent, and messages would arrive twice.",
  "device-id":
    "takes no device_id from a bridge (the query parameter of application services, Matrix 1.17). Without it it forgets at a restart what was sent, and messages would arrive twice.",
  sync: "does not let a bridge read /sync as its own bot. Without it messages it loses on their way here would be lost for good.",
  ping: "does not ping bridges (POST /_matrix/client/v1/appservice/{id}/ping, Matrix 1.7), so that the way back to this bridge cannot be checked.",
} as const;

const CURE = "Update it, if there is a version that can; of Synapse that is 1.141 and all after it.";

/** The error by which the bridge refuses to start with a homeserver that lacks an ability. */
export async function lackError(
  requests: Requests,
  ability: keyof typeof LACK_WORDS,
  cause: unknown,
): Promise<BridgeError> {
  const words = `${titleOf(await identityOf(requests))} ${LACK_WORDS[ability]} ${CURE}`;
  return new BridgeError("homeserver-fault", { words, certain: true, cause });
}

/** Whether a Matrix homeserver refused; any other failure may be one that is still starting, or a proxy's. */
const isRefusal = ({ status, body }: Reply): boolean =>
  status >= 400 && status < 500 && status !== 429 && status !== 401 && errcodeOf(body) !== undefined;

/** Tries abilities that would else show only later. The bot must have its account and device. */
export async function checkAbilities(requests: Requests, bot: UserId): Promise<void> {
  await checkDeviceParameter(requests, bot);
  await checkSync(requests, bot);
}

/**
 * Checks that the homeserver reads `device_id`: it then names the bot's device in its answer, or refuses a device that
 * does not exist. A homeserver that ignores the parameter does neither.
 */
async function checkDeviceParameter(requests: Requests, bot: UserId): Promise<void> {
  const path = route`/_matrix/client/v3/account/whoami`;
  const own = await requests.ask({ method: "GET", path, as: bot, device: DEVICE });
  if (own.status !== 200 && !isRefusal(own)) throw faultOfReply(own);
  if (own.status === 200 && fieldOf(own.body, "device_id") === DEVICE) return;
  const device = `NOBODY${randomUUID()}`;
  const other = await requests.ask({ method: "GET", path, as: bot, device });
  if (other.status !== 200 && !isRefusal(other)) throw faultOfReply(other);
  if (own.status === 200 && isRefusal(other)) return;
  throw await lackError(requests, "device-id", faultOfReply(own.status === 200 ? other : own).cause);
}

/** Checks `/sync` for the bot, with a token no server has given, so that none has to gather the bot's rooms to answer. */
async function checkSync(requests: Requests, bot: UserId): Promise<void> {
  const query = { since: "none", timeout: "0", set_presence: "offline", filter: syncFilter(1) };
  const path = route`/_matrix/client/v3/sync`;
  const reply = await requests.ask({ method: "GET", path, as: bot, query });
  const { status, body } = reply;
  if (status === 200 && typeof fieldOf(body, "next_batch") === "string") return;
  if (!isRefusal(reply)) throw faultOfReply(reply);
  if (status !== 400) throw await lackError(requests, "sync", faultOfReply(reply).cause);
}
