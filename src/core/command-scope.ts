import type { ChatStarter } from "./chats/chat-starter.ts";
import type { Connections } from "./chats/connections.ts";
import type { Contacts } from "./chats/contacts.ts";
import type { Requests } from "./chats/requests.ts";
import type { Spaces } from "./chats/spaces.ts";
import type { Erasures } from "./logins/erasures.ts";
import type { LoginProcesses } from "./logins/login-processes.ts";
import type { Logins } from "./logins/logins.ts";
import type { RoomChanges } from "./management/room-changes.ts";
import type { SecretMessages } from "./management/secret-messages.ts";
import type { NetworkId } from "./model/ids.ts";
import type { MediaTools } from "./model/media.ts";
import type { Administration } from "./people/administration.ts";
import type { ContactActs } from "./people/contact-acts.ts";
import type { ContactSearch } from "./people/contact-search.ts";
import type { Failures } from "./people/failures.ts";
import type { PersonSettings } from "./people/person-settings.ts";
import type { QuietChats } from "./people/quiet-chats.ts";
import type { Reports } from "./people/reports.ts";
import type { Access } from "./ports/access.ts";
import type { Homeserver } from "./ports/homeserver.ts";
import type { Log } from "./ports/log.ts";
import type { Network } from "./ports/network.ts";
import type { Scheduler } from "./ports/scheduler.ts";
import type { SettingsPage } from "./ports/settings-page.ts";
import type { Store } from "./ports/store.ts";
import type { Tell } from "./runtime/tell.ts";

/** What the commands can use. */
export interface CommandScope {
  readonly store: Store;
  readonly access: Access;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly logins: Logins;
  readonly processes: LoginProcesses;
  readonly secrets: SecretMessages;
  readonly tell: Tell;
  readonly connections: Connections;
  readonly chatStarter: ChatStarter;
  readonly contacts: Contacts;
  readonly search: ContactSearch;
  readonly requests: Requests;
  readonly quiet: QuietChats;
  readonly spaces: Spaces;
  readonly changes: RoomChanges;
  readonly settings: PersonSettings;
  readonly administration: Administration;
  readonly contactActs: ContactActs;
  readonly reports: Reports;
  readonly failures: Failures;
  readonly erasures: Erasures;
  readonly scheduler: Scheduler;
  /** Absent where the bridge has none. */
  readonly settingsPage?: SettingsPage;
  readonly homeserver: Homeserver;
  readonly tools: MediaTools;
  readonly log: Log;
}
