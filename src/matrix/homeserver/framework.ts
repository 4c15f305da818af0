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
  /** When it aborts, running requests end. */
  readonly stopping: AbortSignal | undefined;
}

/** What the framework is used for: membership and display names of the users of our namespace. */
export interface Framework extends AsyncDisposable {
  setDisplayName(user: UserId, name: string): Promise<void>;
  invite(as: UserId, user: UserId, room: RoomId): Promise<void>;
  join(as: UserId, room: RoomId): Promise<void>;
  leave(as: UserId, room: RoomId, reason?: string): Promise<void>;
}

/**
 * Starts matrix-appservice-bridge without its stores and listener. Intents are always taken by user id, as
 * `getIntent()` is the registration's sender, who is never used. Membership goes through their clients directly, as
 * `Intent.join` would invite as that sender when it is refused.
 */
export async function startFramework(options: FrameworkOptions): Promise<Framework> {
  silenceLibraries(options.log);
  // The SDK has one request function for the whole process; its idle connections do not keep the process alive.
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
      withBridgeErrors(() =>
        client(user).doRequest(
          "PUT",
          `/_matrix/client/v3/profile/${encodeURIComponent(user)}/displayname`,
          null,
          {
            displayname: name,
          },
        ),
      ),
    invite: (as, user, room) => withBridgeErrors(() => client(as).inviteUser(user, room)),
    // `joinRoom` would on any failure invite as the sender, and throw that invitation's error instead.
    join: (as, room) =>
      withBridgeErrors(() =>
        client(as).doRequest("POST", `/_matrix/client/v3/join/${encodeURIComponent(room)}`),
      ),
    leave: (as, room, reason) => withBridgeErrors(() => client(as).leaveRoom(room, reason)),
    [Symbol.asyncDispose]: () => bridge.close(),
  };
}

/** Turns the SDK's errors into BridgeErrors: a Matrix error, an answer without one, or no answer. */
async function withBridgeErrors(act: () => Promise<unknown>): Promise<void> {
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

/** Both libraries log homeservers' answers, which may hold message text; only the fact that they logged is logged. */
function silenceLibraries(log: Log): void {
  const note = (module: string): void => log.debug("the Matrix SDK has something to say", { module });
  const nothing = (): void => undefined;
  Logger.configure({ console: "off" });
  LogService.setLogger({ error: note, warn: note, info: nothing, debug: nothing, trace: nothing });
}
