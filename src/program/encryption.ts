import type { RoomId, UserId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Metrics } from "../core/ports/metrics.ts";
import type { Store } from "../core/ports/store.ts";
import { Encryption } from "../matrix/crypto/encryption.ts";
import { ShutRooms } from "../matrix/crypto/shut-rooms.ts";
import { isEncrypted, membersOf } from "../matrix/homeserver/rooms.ts";
import { namespaceOf } from "../matrix/http/namespace.ts";
import { Requests } from "../matrix/http/requests.ts";
import type { Registration } from "../matrix/registration/registration.ts";
import type { BridgeConfig } from "../networks/registry.ts";
import { namesOf } from "./configuration.ts";

interface EncryptionFor {
  readonly config: BridgeConfig;
  readonly registration: Registration;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
}

const OFF =
  "encryption.mode is off, and rooms of this bridge are encrypted. Nothing is sent to them, as it would go there in the clear, and what is written there cannot be read; messages for them wait. Set encryption.mode to allow and restart the bridge; or leave it off, and people go on in new rooms with the command new-room.";

/**
 * Opens what encrypted rooms need; where the configuration has them off, only which rooms nothing may be sent to. `parts`
 * disposes of it.
 */
export async function openEncryption(
  { config, registration, store, clock, log, metrics, stopping }: EncryptionFor,
  parts: AsyncDisposableStack,
): Promise<{ readonly encryption?: Encryption; readonly shut?: ShutRooms }> {
  const { mode, trust } = config.encryption;
  if (mode === "off") {
    const shut = await ShutRooms.read(store);
    metrics.set("shut_rooms", {}, shut.rooms.length);
    if (shut.rooms.length > 0) log.error(OFF, { rooms: shut.rooms.length });
    return { shut };
  }
  const names = namespaceOf(namesOf(config));
  const { bot } = names;
  const asToken = registration.as_token;
  const requests = parts.use(
    new Requests({ homeserverUrl: config.homeserver.url, asToken, connections: 8, stopping }),
  );
  const encryption = parts.use(
    new Encryption({
      store,
      requests,
      bot,
      isOurs: (user: UserId) => names.isOurs(user),
      members: (room: RoomId) => membersOf(requests, bot, room),
      isEncrypted: (room: RoomId) => isEncrypted(requests, bot, room),
      trust,
      isDefault: mode !== "allow",
      isRequired: mode === "require",
      clock,
      metrics,
      stopping,
    }),
  );
  return { encryption };
}
