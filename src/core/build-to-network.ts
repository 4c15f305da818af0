import type { BuildParts } from "./bridge-parts.ts";
import type { Admission } from "./chats/admission.ts";
import type { Archives } from "./chats/archives.ts";
import type { ChatProfiles } from "./chats/chat-profiles.ts";
import type { Connections } from "./chats/connections.ts";
import type { ContactNames } from "./chats/contact-names.ts";
import { Outsiders } from "./chats/groups/outsiders.ts";
import type { OwnWrites } from "./chats/groups/own-writes.ts";
import type { Portals } from "./chats/portals.ts";
import type { CommandScope } from "./command-scope.ts";
import type { DeliveryStatus } from "./delivery/delivery-status.ts";
import type { MessageStatuses } from "./delivery/message-statuses.ts";
import type { UnstorableEvents } from "./delivery/unstorable-events.ts";
import type { ClosedAccounts } from "./logins/closed-accounts.ts";
import { tellAdministrators } from "./management/administrators.ts";
import type { GhostInvitations } from "./management/ghost-invitations.ts";
import type { ManagementRoom } from "./management/management-room.ts";
import type { Notices } from "./management/notices.ts";
import type { RequestAnswers } from "./management/request-answers.ts";
import type { RoomChanges } from "./management/room-changes.ts";
import { faultOf } from "./ports/log.ts";
import type { LaneSteps } from "./runtime/queue-lanes.ts";
import { AnsweredFailures } from "./to-network/answered-failures.ts";
import { UnreadEvents } from "./to-network/given-up/unread-events.ts";
import { AskedChanges } from "./to-network/groups/asked-changes.ts";
import { GroupChanges } from "./to-network/groups/group-changes.ts";
import { GroupState } from "./to-network/groups/group-state.ts";
import {
  type ClientBlocks,
  handleMatrixEvents,
  type JoinedRooms,
} from "./to-network/handle-matrix-events.ts";
import { MatrixIntake } from "./to-network/matrix-intake.ts";
import { MessageIds } from "./to-network/message-ids.ts";
import { ReadMarks } from "./to-network/read-marks.ts";
import { restoreRooms } from "./to-network/restore-rooms.ts";
import type { Retries } from "./to-network/retries.ts";
import { sendToNetwork } from "./to-network/send-to-network.ts";
import { tellAnswers } from "./to-network/told-answers.ts";
import { TypingAndReads } from "./to-network/typing-and-reads.ts";

interface BuildToNetworkParts extends BuildParts {
  readonly notices: Pick<Notices, "tell">;
  readonly archives: Archives;
  readonly names: ContactNames;
  readonly profiles: ChatProfiles;
  readonly delivery: DeliveryStatus;
  readonly statuses: MessageStatuses;
  readonly unstorable: UnstorableEvents;
  readonly connections: Connections;
  readonly closedAccounts: ClosedAccounts;
  readonly portals: Portals;
  readonly admission: Admission;
  readonly ownWrites: OwnWrites;
  readonly changes: RoomChanges;
  readonly management: ManagementRoom;
  readonly retries: Retries;
  readonly invitations: GhostInvitations;
  readonly requestAnswers: RequestAnswers;
  readonly clientBlocks: ClientBlocks;
  readonly aliasRooms: JoinedRooms;
  readonly scope: Pick<CommandScope, "encryption">;
}

/** Builds the lanes' steps that bring a person's message to its network. */
export function buildToNetwork(parts: BuildToNetworkParts) {
  const { store, homeserver, encoder, outbox, lanes, connections, closedAccounts, admission, log } = parts;
  const messageIds = new MessageIds(parts);
  const unread = new UnreadEvents({ ...parts, messageIds });
  const groupState = new GroupState(parts);
  const outsiders = new Outsiders({ ...parts, tell: parts.notices.tell });
  const steps: Pick<LaneSteps, "matrixInbox" | "networkOutbox"> = {
    matrixInbox: handleMatrixEvents({
      ...parts,
      encryption: parts.scope.encryption,
      messageIds,
      outsiders,
      groupChanges: new GroupChanges({
        ...parts,
        asked: new AskedChanges(parts),
        state: groupState,
        messageIds,
      }),
      unread,
      answeredFailures: new AnsweredFailures({ ...parts, unread }),
      left(user, room) {
        admission.left(room, user);
        closedAccounts.left(user);
      },
    }),
    networkOutbox: tellAnswers(parts, sendToNetwork({ ...parts, groupState, outsiders })),
  };
  const intake = new MatrixIntake({
    ...parts,
    lanes: lanes.matrixInbox,
    keysCame: (sessions) => unread.keysCame(sessions),
    tellAdministrators: (words) => tellAdministrators({ ...parts, tell: parts.notices.tell }, words),
    notice: (room, words) => outbox.row(room, homeserver.bot, encoder.notice(words)),
    rolledBack() {
      restoreRooms(parts).catch((error: unknown) =>
        log.warn("rooms were not looked at again", faultOf(error)),
      );
      lanes
        .takeUpPictures(store)
        .catch((error: unknown) => log.warn("pictures were not looked at again", faultOf(error)));
    },
  });
  const signals = new TypingAndReads(store, connections, new ReadMarks(parts), log);
  return { intake, signals, steps, unread };
}
