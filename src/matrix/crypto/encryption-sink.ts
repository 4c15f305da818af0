import type { MatrixEvent } from "../../core/model/events.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import type { EncryptedRooms } from "./encrypted-rooms.ts";

interface SinkParts {
  readonly rooms: Pick<EncryptedRooms, "has" | "mark" | "peopleChanged" | "missed">;
  readonly isOurs: (user: UserId) => boolean;
  /** Whether what people write in the clear in an encrypted room is not taken. */
  readonly isRequired: boolean;
  /** Called when the homeserver proves to be an older copy of itself. */
  readonly rolledBack: () => Promise<void>;
}

/** What clients encrypt in an encrypted room. */
const SECRET: ReadonlySet<MatrixEvent["kind"]> = new Set(["message", "edit", "unsupported"]);

/**
 * Notes which rooms become encrypted, and whose members change, before anything else is done with what tells it. Of a room
 * that was known to be encrypted the bridge hears no more of that.
 */
export function encryptionSink(
  sink: HomeserverSink,
  { rooms, isOurs, isRequired, rolledBack }: SinkParts,
): HomeserverSink {
  const noted = async (event: MatrixEvent): Promise<MatrixEvent | undefined> => {
    const { kind, room, id, sender, at } = event;
    if (kind === "member") rooms.peopleChanged(room);
    if (kind === "encryption-enabled") {
      if (await rooms.has(room)) return undefined;
      await rooms.mark(room);
    }
    // Decided here, as it may have been written before the room was encrypted.
    // Clients verify in the clear in encrypted rooms too.
    const isOther = event.kind === "unsupported" && (event.unseen === true || event.sealed !== undefined);
    const isShown = SECRET.has(kind) && !isOther;
    if (!isRequired || !isShown || isOurs(sender) || !(await rooms.has(room))) return event;
    return { kind: "encrypted", clear: true, room, id, sender, at };
  };
  const note = async (events: readonly MatrixEvent[]): Promise<readonly MatrixEvent[]> => {
    const kept: MatrixEvent[] = [];
    for (const event of events) {
      const one = await noted(event);
      if (one) kept.push(one);
    }
    return kept;
  };
  return {
    take: async (events, ...rest) => sink.take(await note(events), ...rest),
    gapOpened() {
      rooms.missed();
      sink.gapOpened();
    },
    gapClosed: () => sink.gapClosed(),
    async rolledBack() {
      await rolledBack();
      await sink.rolledBack();
    },
    missed: (room) => sink.missed(room),
    keysCame: (sessions) => sink.keysCame(sessions),
    tellAdministrators: (words) => sink.tellAdministrators(words),
  };
}
