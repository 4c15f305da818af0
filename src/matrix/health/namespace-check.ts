import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { type Requests, route } from "../http/requests.ts";

/** No server makes an account of a name so long (Matrix 1.17, Appendices: User Identifiers, 255 bytes). */
const TOO_LONG = 300;

/** Whether another appservice of the homeserver claims a name for itself alone; nothing is made by asking. */
async function isClaimed(requests: Requests, localpart: string): Promise<boolean> {
  const username = localpart.padEnd(TOO_LONG, "0");
  const body = { type: "m.login.application_service", username, inhibit_login: true };
  const reply = await requests.ask({ method: "POST", path: route`/_matrix/client/v3/register`, body });
  return errcodeOf(reply.body) === "M_EXCLUSIVE";
}

/**
 * Throws BridgeError with words for the administrator where the names of contacts are another appservice's. Synapse
 * looks at that before the name itself; a server that does not is found out at the first contact.
 */
export async function checkNamespace(requests: Requests, prefix: string): Promise<void> {
  if (!(await isClaimed(requests, prefix))) return;
  throw new BridgeError("homeserver-fault", {
    words: `Another appservice of the homeserver claims the names that begin with ${prefix} for itself alone, or the registration that the homeserver has loaded is an older one. Look through the files under app_service_config_files for a namespace that covers @${prefix}…; then change that one, or appservice.ghost_prefix here and write the registrations anew (register --force), and restart the homeserver.`,
    certain: true,
  });
}

/** What is said where the homeserver does not let the bridge be its own bot. */
export const notTheBot = (bot: UserId, registrationPath: string): string =>
  `The homeserver does not let this bridge be ${bot}. The registration it has loaded is not ${registrationPath}: give it that file and restart it. If it is that one, another appservice of the homeserver claims the name ${bot} for itself alone: look through the files under app_service_config_files.`;
