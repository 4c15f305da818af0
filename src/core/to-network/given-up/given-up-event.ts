import type { DeliveryStatus } from "../../delivery/delivery-status.ts";
import type { ManagementRoom } from "../../management/management-room.ts";
import type { MatrixEvent } from "../../model/events.ts";
import type { EventId, RoomId, UserId } from "../../model/ids.ts";
import type { Portal } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { GivenUp } from "../../runtime/put-aside.ts";
import type { UnreadEvents } from "./unread-events.ts";

export interface GivenUpParts {
  readonly store: Store;
  readonly management: ManagementRoom;
  readonly delivery: DeliveryStatus;
  readonly unread: Pick<UnreadEvents, "keep">;
}

type GivenUpEvent = MatrixEvent | { readonly kind: "damaged"; readonly room: RoomId; readonly id: EventId };

export function givenUpEvent(
  { store, management, delivery, unread }: GivenUpParts,
  event: GivenUpEvent,
  { reason, words, body }: { readonly reason: string; readonly words: string; readonly body: string },
): GivenUp {
  const { id, room } = event;
  return {
    direction: "to-network",
    reason,
    ids: { row: id, room },
    network: undefined,
    async deadLetter() {
      const portal = await portalOf();
      return { key: portal && { login: portal.login, chat: portal.chat }, ref: id, body };
    },
    done: (tx) => tx.matrixInbox.finish(id),
    async tell(ended) {
      if (event.kind === "member") await management.notJoined(event);
      const refuse = await refusal();
      const kept = await keeping();
      await store.write((tx) => {
        ended(tx);
        refuse?.(tx);
        kept?.record(tx);
      });
      kept?.looks();
    },
  };

  async function portalOf(): Promise<Portal | undefined> {
    const theirs = event.kind === "damaged" ? undefined : await store.portals.inRoom(room, event.sender);
    return theirs ?? (await store.portals.ofRoom(room))[0];
  }

  async function keeping() {
    if (event.kind !== "encrypted" || event.sealed === undefined || reason !== "unreadable") return undefined;
    return unread.keep({ ...event, sealed: event.sealed }, await portalOf());
  }

  async function refusal(): Promise<((tx: Writes) => void) | undefined> {
    if (event.kind === "member") return undefined;
    if (event.kind !== "damaged") return delivery.refuse(event, words);
    const sender = (await store.rooms.owner(room)) ?? (await ownerOf(store, room));
    // In other rooms the event's sender is not known.
    return sender && delivery.refuse({ room, id, sender }, words);
  }
}

async function ownerOf(store: Store, room: RoomId): Promise<UserId | undefined> {
  const [portal] = await store.portals.ofRoom(room);
  return portal && (await store.logins.get(portal.login))?.user;
}
