import { BridgeError } from "../../core/model/errors.ts";
import type { Homeserver } from "../../core/ports/homeserver.ts";
import { Devices } from "../homeserver/devices.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, type Reply, refusalOf } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { namespaceOf } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";
import { checkAbilities, lackError } from "./abilities.ts";
import { type CheckContext, type CheckOptions, withRequests } from "./check-context.ts";
import { checkNamespace, notTheBot } from "./namespace-check.ts";
import { assertNewEnough } from "./new-enough.ts";
import { checkReachable } from "./reachable.ts";
import { encryptsAll } from "./room-check.ts";
import { identityOf, type ServerIdentity } from "./server-identity.ts";

const refusal = (words: string, cause?: unknown): BridgeError =>
  new BridgeError("homeserver-fault", { words, certain: true, cause });

/**
 * Checks that the homeserver answers, is new enough and knows the bridge. Throws BridgeError with words for the
 * administrator; one with `retryAfter` means that the homeserver may only not be up yet.
 */
export async function checkHomeserver(options: CheckOptions): Promise<void> {
  await checkReached(options);
  await checkKnown(options);
}

/** Checks that a homeserver answers that is new enough; answers which. Throws as {@link checkHomeserver}. */
export function checkReached(options: CheckOptions): Promise<ServerIdentity> {
  return withRequests(options, async ({ requests, homeserverUrl }) => {
    await checkReachable(requests, homeserverUrl);
    const identity = await identityOf(requests);
    assertNewEnough(identity);
    return identity;
  });
}

/** Checks that the homeserver knows the bridge, and has the configured name. Throws as {@link checkHomeserver}. */
export const checkKnown = (options: CheckOptions): Promise<void> => withRequests(options, checkAsToken);

/** Checks that the names of bot and contacts are the bridge's; makes the bot's account. Throws as {@link checkHomeserver}. */
export function checkNames(options: CheckOptions): Promise<void> {
  return withRequests(options, async ({ requests, registrationPath, names }) => {
    const body = { type: "m.login.application_service", username: names.botLocalpart, inhibit_login: true };
    const reply = await requests.ask({ method: "POST", path: route`/_matrix/client/v3/register`, body });
    const code = errcodeOf(reply.body);
    if (reply.status !== 200 && code !== "M_USER_IN_USE") {
      if (code !== "M_EXCLUSIVE" && reply.status !== 403) throw faultOfReply(reply);
      throw refusal(notTheBot(namespaceOf(names).bot, registrationPath));
    }
    await checkNamespace(requests, names.prefix);
  });
}

/** Makes the bot's account and device, and checks the homeserver's abilities with them. Throws as {@link checkHomeserver}. */
export function checkBot(options: CheckOptions, homeserver: Homeserver): Promise<void> {
  return withRequests(options, async ({ requests, registrationPath, names }) => {
    await ensureBot(requests, homeserver, registrationPath);
    await checkNamespace(requests, names.prefix);
    await checkAbilities(requests, homeserver.bot);
  });
}

async function ensureBot(
  requests: Requests,
  homeserver: Homeserver,
  registrationPath: string,
): Promise<void> {
  try {
    await homeserver.register(homeserver.bot);
  } catch (error) {
    const refused = refusalOf(error);
    if (refused === undefined || refused.status >= 500 || refused.status === 429) throw error;
    if (refused.code === "M_EXCLUSIVE" || refused.status === 403 || refused.status === 401) {
      throw refusal(notTheBot(homeserver.bot, registrationPath), error);
    }
    // A proxy answered, not the homeserver.
    if (refused.code === "no-errcode") throw error;
    throw await lackError(requests, "device", error);
  }
}

async function checkAsToken({
  requests,
  homeserverUrl,
  registrationPath,
  names: { serverName },
}: CheckContext): Promise<void> {
  const reply = await requests.ask({ method: "GET", path: route`/_matrix/client/v3/account/whoami` });
  if (reply.status === 200) return checkServerName(fieldOf(reply.body, "user_id"), serverName);
  if (reply.status === 401 && errcodeOf(reply.body) === "M_MISSING_TOKEN") {
    throw refusal(
      `What is between the bridge and the homeserver at ${homeserverUrl} takes the token out of the bridge's requests. Have that proxy pass the Authorization header on, or give homeserver.url the homeserver's own address.`,
    );
  }
  if (reply.status === 401 || reply.status === 403) {
    throw refusal(
      `The homeserver does not know the as_token of ${registrationPath}. Synapse: name that file under app_service_config_files in homeserver.yaml and restart Synapse.`,
    );
  }
  throw faultOfReply(reply);
}

/** Checks the configured server name against that of the registration's own user, as the homeserver answers it. */
function checkServerName(user: unknown, serverName: string): void {
  const told = typeof user === "string" ? user.slice(user.indexOf(":") + 1) : serverName;
  if (told === serverName) return;
  throw refusal(
    `The homeserver's server_name is ${told}, and homeserver.server_name in the configuration is ${serverName}. Correct the configuration, write the registrations anew (register --force), and restart the homeserver.`,
  );
}

/** Makes the bot's device and tries what needs it. The bot must have its account. Throws as {@link checkHomeserver}. */
export function checkDevice(options: CheckOptions): Promise<void> {
  return withRequests(options, async ({ requests, names }) => {
    const { bot } = namespaceOf(names);
    try {
      await new Devices(requests, Date).make(bot);
    } catch (error) {
      const refused = refusalOf(error);
      if (refused === undefined || refused.status >= 500 || refused.status === 429) throw error;
      throw await lackError(requests, "device", error);
    }
    await checkAbilities(requests, bot);
  });
}

/**
 * Asks the homeserver to call our endpoint, which must be listening, and says which link is broken. Answers how long the
 * call took, in milliseconds by the homeserver's clock; undefined where it does not say.
 */
export function checkPing(options: CheckOptions): Promise<number | undefined> {
  return withRequests(options, async ({ requests, registration, registrationPath }) => {
    const path = route`/_matrix/client/v1/appservice/${registration.id}/ping`;
    const body = { transaction_id: "start" };
    const reply = await requests.ask({ method: "POST", path, body, timeout: 30_000 });
    if (reply.status === 200) {
      const took = fieldOf(reply.body, "duration_ms");
      return typeof took === "number" ? took : undefined;
    }
    if (errcodeOf(reply.body) === "M_UNRECOGNIZED") {
      throw await lackError(requests, "ping", faultOfReply(reply).cause);
    }
    throw pingFault(reply, registration.url ?? "", registrationPath);
  });
}

function pingFault(reply: Reply, url: string, file: string): BridgeError {
  switch (errcodeOf(reply.body) ?? "") {
    case "M_URL_NOT_SET":
      return refusal(
        `The registration the homeserver has loaded has no url. Give it ${file} and restart it.`,
      );
    case "M_CONNECTION_FAILED":
    case "M_CONNECTION_TIMEOUT":
      return refusal(
        `The homeserver cannot reach this bridge at ${url}. Correct url in ${file}, or the bridge's listening address, so that the homeserver can open it; restart it when the file changed.`,
      );
    case "M_BAD_STATUS": {
      const status = fieldOf(reply.body, "status");
      if (status === 401 || status === 403) {
        return refusal(
          `The homeserver calls with another hs_token than ${file} has. Give it that file and restart it.`,
        );
      }
      return refusal(
        `Something else answers at ${url}, with status ${typeof status === "number" ? status : "unknown"}. Correct url in ${file}, or free that address.`,
      );
    }
    case "M_FORBIDDEN":
      return refusal(
        `The homeserver knows this as_token under another id than ${file} has. Give it that file.`,
      );
    default:
      return faultOfReply(reply);
  }
}

export interface RoomCheck extends CheckOptions {
  readonly homeserver: Homeserver;
}

/**
 * Makes a room and throws, naming the setting, if the homeserver encrypted it by default. The bot leaves the room; the
 * alias is deleted last, so that a repeat with the same key finds the room of an interrupted try.
 */
export async function checkEncryptionDefault(options: RoomCheck, key: string): Promise<void> {
  const { homeserver, names } = options;
  const room = await homeserver.createRoom({ key, direct: false, kind: "management", state: [] });
  const encrypted = await homeserver.isUnreadable(room);
  await homeserver.leave(homeserver.bot, room);
  await withRequests(options, async ({ requests }) => {
    const path = route`/_matrix/client/v3/directory/room/${namespaceOf(names).alias(key)}`;
    await requests.json({ method: "DELETE", path, as: homeserver.bot });
  });
  if (encrypted) throw encryptsAll();
}
