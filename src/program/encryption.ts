import type { RoomId, UserId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { Encryption } from "../matrix/crypto/encryption.ts";
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
  readonly stopping: AbortSignal;
}

/** Opens what encrypted rooms need; undefined where the configuration has them off. `parts` disposes of it. */
export function openEncryption(
  { config, registration, store, clock, stopping }: EncryptionFor,
  parts: AsyncDisposableStack,
): Encryption | undefined {
  const { mode, trust } = config.encryption;
  if (mode === "off") return undefined;
  const names = namespaceOf(namesOf(config));
  const { bot } = names;
  const asToken = registration.as_token;
  const requests = parts.use(
    new Requests({ homeserverUrl: config.homeserver.url, asToken, connections: 8, stopping }),
  );
  return parts.use(
    new Encryption({
      store,
      requests,
      bot,
      isOurs: (user: UserId) => names.isOurs(user),
      members: (room: RoomId) => membersOf(requests, bot, room),
      isEncrypted: (room: RoomId) => isEncrypted(requests, bot, room),
      trust,
      isDefault: mode !== "allow",
      clock,
      stopping,
    }),
  );
}
