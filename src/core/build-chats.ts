import type { BuildParts } from "./bridge-parts.ts";
import { Admission } from "./chats/admission.ts";
import { Archives } from "./chats/archives.ts";
import type { Avatars } from "./chats/avatars.ts";
import { Partings } from "./chats/bridged/partings.ts";
import { Carrying } from "./chats/carrying.ts";
import type { ChatProfiles } from "./chats/chat-profiles.ts";
import { ChatStarter } from "./chats/chat-starter.ts";
import type { Connections } from "./chats/connections.ts";
import type { ContactNames } from "./chats/contact-names.ts";
import { ContactPictures } from "./chats/contact-pictures.ts";
import { Contacts } from "./chats/contacts.ts";
import type { Ghosts } from "./chats/ghosts.ts";
import { ChangePace } from "./chats/groups/change-pace.ts";
import { GroupPictures } from "./chats/groups/group-pictures.ts";
import { GroupRooms } from "./chats/groups/group-rooms.ts";
import { OwnWrites } from "./chats/groups/own-writes.ts";
import { Portals } from "./chats/portals.ts";
import { Requests } from "./chats/requests.ts";
import { Spaces } from "./chats/spaces.ts";
import { type RoomFeatures, Successions } from "./chats/successions.ts";
import type { Notices } from "./management/notices.ts";
import type { QuietChats } from "./people/quiet-chats.ts";
import { SerialByKey } from "./runtime/serial-by-key.ts";

interface BuildSpacesParts extends BuildParts {
  readonly avatars: Avatars;
  readonly notices: Notices;
}

/** Builds the Spaces, and what becomes of chats at their end or their room's. */
export function buildSpaces(parts: BuildSpacesParts) {
  const { store, homeserver, encoder, outbox, notices } = parts;
  const successions = new Successions({ ...parts, tell: notices.tell });
  const spaces = new Spaces({
    ...parts,
    tell: notices.tellSoon,
    follow: (...asked) => successions.follow(...asked),
  });
  return { successions, spaces, archives: new Archives(store, homeserver, encoder, outbox, spaces) };
}

interface BuildChatsParts extends BuildSpacesParts, ReturnType<typeof buildSpaces> {
  readonly ghosts: Ghosts;
  readonly profiles: ChatProfiles;
  readonly names: ContactNames;
  readonly connections: Connections;
  readonly quiet: Pick<QuietChats, "moved">;
}

/** Builds the chats' rooms and what finds people's contacts. */
export function buildChats(parts: BuildChatsParts) {
  const { store, encoder, connections, names, notices } = parts;
  const features: RoomFeatures = ({ login, network, chat, kind }) =>
    encoder.roomFeatures(connections.client(login.id)?.capabilities(chat) ?? network.capabilities, kind);
  /** Held by a room's name while something is sent there. */
  const sending = new SerialByKey();
  const requests = new Requests({ ...parts, tell: notices.tell });
  const pictures = new ContactPictures(parts);
  const portals = new Portals({
    ...parts,
    pictures,
    requests,
    moved: (portal, user) => parts.quiet.moved(portal, user),
    features,
    carrying: new Carrying({ ...parts, sending, features }),
    unplaced: (login, { name }) =>
      notices.tellSoon(
        login.user,
        `Your chat with ${name} is open, but the homeserver fails on putting it where you keep these chats. Write “inbox separate” or “inbox combined” to me to try again.`,
      ),
  });
  const changePace = new ChangePace(parts);
  const ownWrites = new OwnWrites();
  const admission = new Admission(parts.homeserver, ownWrites);
  return {
    pictures,
    requests,
    portals,
    partings: new Partings({ ...parts, admission }),
    sending,
    admission,
    ownWrites,
    changePace,
    groupRooms: new GroupRooms({
      ...parts,
      changePace,
      admission,
      ownWrites,
      pictures: new GroupPictures({ ...parts, ownWrites }),
    }),
    chatStarter: new ChatStarter(store, connections, portals),
    contacts: new Contacts({ ...parts, connections, names }),
  };
}
