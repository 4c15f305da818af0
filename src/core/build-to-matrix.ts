import type { BuildParts } from "./bridge-parts.ts";
import type { Admission } from "./chats/admission.ts";
import type { Archives } from "./chats/archives.ts";
import type { Partings } from "./chats/bridged/partings.ts";
import type { ChatProfiles } from "./chats/chat-profiles.ts";
import type { Connections } from "./chats/connections.ts";
import type { ContactPictures } from "./chats/contact-pictures.ts";
import type { Ghosts } from "./chats/ghosts.ts";
import type { ChangePace } from "./chats/groups/change-pace.ts";
import type { GroupRooms } from "./chats/groups/group-rooms.ts";
import { LateMessages } from "./chats/groups/late-messages.ts";
import type { OwnWrites } from "./chats/groups/own-writes.ts";
import { OwnSenders } from "./chats/own-senders.ts";
import type { Portals } from "./chats/portals.ts";
import type { Requests } from "./chats/requests.ts";
import type { Notices } from "./management/notices.ts";
import type { RoomChanges } from "./management/room-changes.ts";
import type { LaneSteps } from "./runtime/queue-lanes.ts";
import { SerialByKey } from "./runtime/serial-by-key.ts";
import { AfterSend } from "./to-matrix/after-send.ts";
import { Attachments } from "./to-matrix/attachments.ts";
import { handleNetworkEvents } from "./to-matrix/handle-network-events.ts";
import { OwnEvents } from "./to-matrix/own/own-events.ts";
import { OwnMarks, type PhoneMutes } from "./to-matrix/own/own-marks.ts";
import { OwnReading } from "./to-matrix/own/own-reading.ts";
import { ParkedEvents } from "./to-matrix/parked-events.ts";
import { sendToMatrix } from "./to-matrix/send-to-matrix.ts";

interface BuildToMatrixParts extends BuildParts {
  readonly notices: Notices;
  readonly archives: Archives;
  readonly ghosts: Ghosts;
  readonly connections: Connections;
  readonly pictures: ContactPictures;
  readonly portals: Portals;
  readonly admission: Admission;
  readonly ownWrites: OwnWrites;
  readonly partings: Partings;
  readonly profiles: ChatProfiles;
  readonly changePace: ChangePace;
  readonly groupRooms: GroupRooms;
  readonly sending: SerialByKey;
  readonly changes: RoomChanges;
  readonly quiet: PhoneMutes;
  readonly requests: Requests;
}

/** Builds the lanes' steps that bring a contact's message to its room. */
export function buildToMatrix(parts: BuildToMatrixParts) {
  const { connections, notices, changes, groupRooms, pictures } = parts;
  const parked = new ParkedEvents(parts);
  const ownSenders = new OwnSenders(parts);
  const showing = new SerialByKey();
  const lateMessages = new LateMessages({ ...parts, showing });
  const afterSend = new AfterSend({ ...parts, tell: notices.tell, tellElsewhere: notices.tellElsewhere });
  const steps: Pick<LaneSteps, "networkInbox" | "matrixOutbox" | "groupRooms" | "pictures"> = {
    groupRooms: (key) => showing.run(key.chat, () => groupRooms.show(key)),
    pictures: (key) => pictures.show(key),
    networkInbox: handleNetworkEvents({
      ...parts,
      lateMessages,
      ownSenders,
      networkOf: (login) => connections.networkOf(login),
      parked: () => parked.arm(),
      copyThere: (row) => afterSend.copied(row),
      tell: notices.tell,
    }),
    matrixOutbox: sendToMatrix({
      ...parts,
      ownEvents: new OwnEvents({ ...parts, ownSenders }),
      ownReading: new OwnReading(parts),
      ownMarks: new OwnMarks(parts),
      moved: (row) => changes.refused(row),
      attachments: new Attachments(parts),
      afterSend,
      lateMessages,
    }),
  };
  return { parked, steps };
}
