import type { BuildParts } from "./bridge-parts.ts";
import type { buildNotices } from "./build-notices.ts";
import type { Partings } from "./chats/bridged/partings.ts";
import type { ChatProfiles } from "./chats/chat-profiles.ts";
import type { ChatStarter } from "./chats/chat-starter.ts";
import type { Connections } from "./chats/connections.ts";
import type { Contacts } from "./chats/contacts.ts";
import { ChatEncryption } from "./chats/encryption/chat-encryption.ts";
import type { Portals } from "./chats/portals.ts";
import type { Requests } from "./chats/requests.ts";
import type { Spaces } from "./chats/spaces.ts";
import type { Successions } from "./chats/successions.ts";
import type { CommandScope } from "./command-scope.ts";
import type { DeliveryStatus } from "./delivery/delivery-status.ts";
import type { MessageStatuses } from "./delivery/message-statuses.ts";
import type { Erasures } from "./logins/erasures.ts";
import type { LoginProcesses } from "./logins/login-processes.ts";
import type { Logins } from "./logins/logins.ts";
import { Announcements } from "./management/announcements.ts";
import { CommandDescriptions } from "./management/command-descriptions.ts";
import { EncryptionSwitch } from "./management/encryption-switch.ts";
import { GhostInvitations } from "./management/ghost-invitations.ts";
import { ManagementRoom } from "./management/management-room.ts";
import { ManagementSuccession } from "./management/management-succession.ts";
import { RequestAnswers } from "./management/request-answers.ts";
import { RoomChanges } from "./management/room-changes.ts";
import { SecretMessages } from "./management/secret-messages.ts";
import { Administration } from "./people/administration.ts";
import { AliasRooms } from "./people/alias-rooms.ts";
import { Bridging } from "./people/bridging.ts";
import { ClientBlocks } from "./people/client-blocks.ts";
import { ContactActs } from "./people/contact-acts.ts";
import { ContactSearch } from "./people/contact-search.ts";
import { Failures } from "./people/failures.ts";
import { Groups } from "./people/groups.ts";
import { IgnoreLists } from "./people/ignore-lists.ts";
import { PersonSettings } from "./people/person-settings.ts";
import { PortalEndings } from "./people/portal-endings.ts";
import type { QuietChats } from "./people/quiet-chats.ts";
import { Reports } from "./people/reports.ts";
import { beginning } from "./to-network/beginning.ts";
import { Retries } from "./to-network/retries.ts";

interface BuildManagementParts extends BuildParts, ReturnType<typeof buildNotices> {
  readonly successions: Successions;
  readonly spaces: Spaces;
  readonly portals: Portals;
  readonly chatStarter: ChatStarter;
  readonly contacts: Contacts;
  readonly requests: Requests;
  readonly connections: Connections;
  readonly logins: Logins;
  readonly processes: LoginProcesses;
  readonly delivery: DeliveryStatus;
  readonly statuses: MessageStatuses;
  readonly erasures: Erasures;
  readonly quiet: QuietChats;
  readonly profiles: ChatProfiles;
  readonly partings: Partings;
}

/** Builds the management rooms: what people can write to the bot, and what it tells them unasked. */
export async function buildManagement(parts: BuildManagementParts) {
  const { store, networks, clock, lanes, notices } = parts;
  const changes = new RoomChanges({
    ...parts,
    management: new ManagementSuccession({
      ...parts,
      tellElsewhere: notices.tellElsewhere,
    }),
    hurry(key, before) {
      lanes.networkInbox.hurry(key);
      if (before !== undefined) lanes.matrixInbox.hurry(before);
    },
  });
  const retries = new Retries(parts);
  const bridging = new Bridging(parts);
  const contactActs = new ContactActs(store, parts.connections);
  const scope: CommandScope = {
    ...parts,
    changes,
    search: new ContactSearch(parts.contacts, parts.connections),
    settings: new PersonSettings(parts),
    administration: new Administration(parts),
    contactActs,
    reports: new Reports(parts),
    failures: new Failures(store, retries, parts.scheduler),
    groups: new Groups(parts),
    bridging,
    endings: new PortalEndings(parts),
    encryption: new ChatEncryption(parts),
    secrets: new SecretMessages(parts),
    tell: notices.tell,
  };
  const commands = parts.commands(scope);
  const management = new ManagementRoom({
    ...parts,
    commands,
    descriptions: new CommandDescriptions(parts),
    begun: await beginning(store, clock),
  });
  const requestAnswers = new RequestAnswers(parts);
  const invitations = new GhostInvitations(parts);
  const ignoreLists = new IgnoreLists({ ...parts, contactActs, tell: notices.tell });
  const clientBlocks = new ClientBlocks({ ...parts, contactActs });
  const aliasRooms = new AliasRooms({ ...parts, tell: notices.tell });
  const encryptionSwitch = new EncryptionSwitch({ ...parts, tell: notices.tell });
  const announcements = new Announcements(store, networks, notices.tell);
  return {
    changes,
    scope,
    retries,
    management,
    invitations,
    requestAnswers,
    clientBlocks,
    announcements,
    encryptionSwitch,
    ignoreLists,
    aliasRooms,
    bridging,
  };
}
