import type { MatrixEvent } from "../../core/model/events.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import type { EncryptedRooms } from "./encrypted-rooms.ts";

/**
 * Notes which rooms become encrypted, and whose members change, before anything else is done with what tells it. The
 * bridge goes on in an encrypted room as before, so that it hears no more of it.
 */
export function encryptionSink(
  sink: HomeserverSink,
  rooms: Pick<EncryptedRooms, "mark" | "peopleChanged" | "missed">,
): HomeserverSink {
  const note = async (events: readonly MatrixEvent[]): Promise<readonly MatrixEvent[]> => {
    let isEncrypting = false;
    for (const { kind, room } of events) {
      if (kind === "member") rooms.peopleChanged(room);
      if (kind !== "encryption-enabled") continue;
      isEncrypting = true;
      await rooms.mark(room);
    }
    return isEncrypting ? events.filter(({ kind }) => kind !== "encryption-enabled") : events;
  };
  return {
    take: async (events, ...rest) => sink.take(await note(events), ...rest),
    gapOpened() {
      rooms.missed();
      sink.gapOpened();
    },
    gapClosed: () => sink.gapClosed(),
    rolledBack: () => sink.rolledBack(),
    missed: (room) => sink.missed(room),
  };
}
