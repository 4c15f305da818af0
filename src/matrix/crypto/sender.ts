import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Writes } from "../../core/ports/store.ts";
import type { Machines } from "./machines.ts";
import { shareRoomKey } from "./share-room-key.ts";

/** An event for an encrypted room. */
export interface ClearEvent {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The people in the room, joined or invited: none of ours, who know what is said. */
  readonly people: readonly UserId[];
}

/** Encrypts what our users say. */
export class Sender {
  readonly #machines: Machines;

  constructor(machines: Machines) {
    this.#machines = machines;
  }

  /**
   * Gives the people the key and makes the content of an `m.room.encrypted` event. `record` writes it, in the commit that
   * keeps its place in the session: an index is used once. Throws BridgeError.
   */
  async encrypt(event: ClearEvent, record: (tx: Writes, content: string) => void): Promise<string> {
    return this.#machines.use(event.sender, async (machine) => {
      await shareRoomKey(machine, event.room, event.people);
      const { RoomId } = machine.library;
      // It is shared right before: the library ends the process where it is not.
      const content = await machine.olm.encryptRoomEvent(
        new RoomId(event.room),
        event.type,
        JSON.stringify(event.content),
      );
      await machine.commit((tx) => record(tx, content));
      return content;
    });
  }
}
