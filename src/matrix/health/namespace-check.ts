import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { type Requests, route } from "../http/requests.ts";

/** A localpart too long for any account (Matrix 1.17, Appendices: User Identifiers, 255 bytes). */
const TOO_LONG = 300;

/** Whether another appservice claims the name exclusively; the name is too long, so that asking makes no account. */
async function isClaimed(requests: Requests, localpart: string): Promise<boolean> {
  const username = localpart.padEnd(TOO_LONG, "0");
  const body = { type: "m.login.application_service", username, inhibit_login: true };
  const reply = await requests.ask({ method: "POST", path: route`/_matrix/client/v3/register`, body });
  return errcodeOf(reply.body) === "M_EXCLUSIVE";
}

/**
 * Throws BridgeError with words for the administrator where another appservice claims the ghosts' names. Synapse checks
 * that before the name's length; with a server that does not, the first ghost's registration shows it.
 */
export async function checkNamespace(requests: Requests, prefix: string): Promise<void> {
  if (!(await isClaimed(requests, prefix))) return;
  throw new BridgeError("homeserver-fault", {
    words: `Another appservice of the homeserver claims the names that begin with ${prefix} for itself alone, or the registration that the homeserver has loaded is an older one. Look through the files under app_service_config_files for a namespace that covers @${prefix}…; then change that one, or appservice.ghost_prefix here and write the registrations anew (register --force), and restart the homeserver.`,
    certain: true,
  });
}

/** The words for a homeserver that does not let the bridge act as its bot. */
export const notTheBot = (bot: UserId, registrationPath: string): string =>
  `The homeserver does not let this bridge be ${bot}. The registration it has loaded is not ${registrationPath}: give it that file and restart it. If it is that one, another appservice of the homeserver claims the name ${bot} for itself alone: look through the files under app_service_config_files.`;
