import { BridgeError } from "../../src/core/model/errors.ts";
import type { RoomId } from "../../src/core/model/ids.ts";
import type { EventToSend } from "../../src/core/ports/homeserver.ts";
import type { RoomEncryption } from "../../src/core/ports/rooms.ts";
import { goesClear } from "../../src/matrix/crypto/goes-clear.ts";

/** Which rooms of a homeserver in memory are encrypted, and whether the bridge reads them. */
export class MemoryEncryption {
  isOn = false;
  /** Rooms that were encrypted while it was on; each keeps what was said there. */
  readonly rooms = new Set<RoomId>();

  /** The port; undefined while it is off. */
  of(switchOn: RoomEncryption["switchOn"]): RoomEncryption | undefined {
    if (!this.isOn) return undefined;
    return {
      has: async (room) => this.rooms.has(room),
      switchOn: async (room) => {
        await switchOn(room);
        this.rooms.add(room);
      },
      renew: async () => 1,
      fingerprint: async () => "AbCd EfGh IjKl",
    };
  }

  get shut(): readonly RoomId[] {
    return this.isOn ? [] : [...this.rooms];
  }

  async encrypts(event: Pick<EventToSend, "room" | "type" | "stateKey">): Promise<boolean> {
    return !goesClear(event) && this.rooms.has(event.room);
  }

  /** Refuses what would go in the clear. */
  admit(event: EventToSend): void {
    if (goesClear(event) || !this.shut.includes(event.room)) return;
    throw new BridgeError("no-room", { words: "shut", certain: true, retryAfter: 3_600_000 });
  }
}
