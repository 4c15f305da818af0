import { LogService, MatrixError, setRequestFn } from "@vector-im/matrix-bot-sdk";
import { AppServiceRegistration, Bridge, Logger } from "matrix-appservice-bridge";
import { BridgeError } from "../../core/model/errors.ts";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Log } from "../../core/ports/log.ts";
import { faultOfReply, faultOfSocket } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { requestFunction } from "../http/request-function.ts";
import type { Registration } from "../registration/registration.ts";

export interface FrameworkOptions {
  readonly homeserverUrl: string;
  readonly serverName: string;
  readonly registration: Registration;
  readonly log: Log;
  /** Ends requests that are under way. */
  readonly stopping: AbortSignal | undefined;
}

/** What the framework does well: membership and profiles of the users of our namespace. */
export interface Framework extends AsyncDisposable {
  setDisplayName(user: UserId, name: string): Promise<void>;
  invite(as: UserId, user: UserId, room: RoomId): Promise<void>;
  join(as: UserId, room: RoomId): Promise<void>;
  leave(as: UserId, room: RoomId, reason?: string): Promise<void>;
}

/**
 * Starts matrix-appservice-bridge without its stores and listener. Intents are always asked for by user id (the
 * one without is the registration's sender, whom we never use), and membership goes through their clients
 * directly: `Intent.join` would invite as that sender when it is refused.
 */
export async function startFramework(options: FrameworkOptions): Promise<Framework> {
  silence(options.log);
  // The SDK has one request function for all; its connections, when idle, keep no process alive.
  setRequestFn(requestFunction(16, options.stopping));
  const bridge = new Bridge({
    registration: AppServiceRegistration.fromObject({
      ...options.registration,
      url: options.registration.url ?? "",
      "de.sorunome.msc2409.push_ephemeral": true,
    } as Parameters<typeof AppServiceRegistration.fromObject>[0]),
    homeserverUrl: options.homeserverUrl,
    domain: options.serverName,
    disableStores: true,
    disableContext: true,
    controller: { onEvent: () => undefined },
  });
  await bridge.initialise();
  const client = (user: UserId) => bridge.getIntent(user).matrixClient;
  return {
    setDisplayName: (user, name) =>
      translated(() =>
        client(user).doRequest(
          "PUT",
          `/_matrix/client/v3/profile/${encodeURIComponent(user)}/displayname`,
          null,
          {
            displayname: name,
          },
        ),
      ),
    invite: (as, user, room) => translated(() => client(as).inviteUser(user, room)),
    // `joinRoom` would answer any failure with an invitation by that sender, and tell of its failure instead.
    join: (as, room) =>
      translated(() => client(as).doRequest("POST", `/_matrix/client/v3/join/${encodeURIComponent(room)}`)),
    leave: (as, room, reason) => translated(() => client(as).leaveRoom(room, reason)),
    [Symbol.asyncDispose]: () => bridge.close(),
  };
}

/** The SDK's failures as ours: a Matrix error, a response that was not Matrix, or no response. */
async function translated(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof BridgeError) throw error;
    if (error instanceof MatrixError) {
      const retryAfter = error.retryAfterMs === undefined ? undefined : String(error.retryAfterMs / 1000);
      throw faultOfReply({ status: error.statusCode, retryAfter, body: error.body });
    }
    const status = fieldOf(error, "statusCode");
    if (typeof status === "number") throw faultOfReply({ status, retryAfter: undefined, body: undefined });
    throw faultOfSocket(error);
  }
}

/** Both libraries log what homeservers answer, which may hold text; only that something was logged is kept. */
function silence(log: Log): void {
  const note = (module: string): void => log.debug("the Matrix SDK has something to say", { module });
  const nothing = (): void => undefined;
  Logger.configure({ console: "off" });
  LogService.setLogger({ error: note, warn: note, info: nothing, debug: nothing, trace: nothing });
}
