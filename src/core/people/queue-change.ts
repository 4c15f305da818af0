import type { PortalKey } from "../model/events.ts";
import type { GroupChange } from "../model/groups.ts";
import type { EventId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { rowOfEvent } from "../to-network/event-row.ts";
import { keyOf } from "../to-network/message-ids.ts";

/** By what a person asked for something: where it fails, they are answered there. */
export interface Asked {
  readonly user: UserId;
  readonly room: RoomId;
  /** The same where it is asked again after a crash. */
  readonly event: EventId;
}

/** Queues a change of a chat behind what is still to be sent there. */
export async function queueChange(
  { store, clock }: { readonly store: Pick<Store, "write">; readonly clock: Pick<Clock, "now"> },
  { login, chat }: PortalKey,
  change: GroupChange,
  { user, room, event }: Asked,
): Promise<void> {
  const id = rowOfEvent(`${login} ${event} ${change.kind}`, clock.now());
  const outgoing = { kind: "group-change", change } as const;
  const row = { id, remoteId: keyOf(id), key: { login, chat }, room, event, sender: user };
  await store.write((tx) => tx.networkOutbox.add({ ...row, outgoing, createdAt: clock.now() }));
}
