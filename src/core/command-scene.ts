import type { Access } from "./access.ts";
import type { Chats } from "./chats.ts";
import type { Connections } from "./connections.ts";
import type { Contacts } from "./contacts.ts";
import type { Homeserver } from "./homeserver.ts";
import type { NetworkId } from "./ids.ts";
import type { Inboxes } from "./inboxes.ts";
import type { Log } from "./log.ts";
import type { Logins } from "./logins.ts";
import type { MediaTools } from "./media.ts";
import type { Network } from "./network.ts";
import type { Retries } from "./retries.ts";
import type { RoomChanges } from "./room-changes.ts";
import type { Store } from "./store.ts";

/** What commands may use. */
export interface CommandScene {
  readonly store: Store;
  readonly access: Access;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly logins: Logins;
  readonly connections: Connections;
  readonly chats: Chats;
  readonly contacts: Contacts;
  readonly inboxes: Inboxes;
  readonly changes: RoomChanges;
  readonly retries: Retries;
  readonly homeserver: Homeserver;
  readonly tools: MediaTools;
  readonly log: Log;
}
