import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Writes } from "../../core/ports/store.ts";
import { jsonOf } from "../http/json.ts";
import type { Machines } from "./machines.ts";
import { placeOf } from "./message-index.ts";
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
  readonly #clock: Pick<Clock, "now">;

  constructor(machines: Machines, clock: Pick<Clock, "now">) {
    this.#machines = machines;
    this.#clock = clock;
  }

  /**
   * Gives the people the key and makes the content of an `m.room.encrypted` event. `record` writes it, in the commit that
   * keeps its place in the session: an index is used once. Throws BridgeError.
   */
  async encrypt(event: ClearEvent, record: (tx: Writes, content: string) => void): Promise<string> {
    return this.#machines.use(event.sender, async (machine) => {
      const { RoomId } = machine.library;
      const { shared } = machine;
      // The library panics where the room's session is at its end, or is not there.
      if (!shared.covers(event.room, event.people, this.#clock.now()))
        await shareRoomKey(machine, event.room, event.people);
      const content = await machine.olm.encryptRoomEvent(
        new RoomId(event.room),
        event.type,
        JSON.stringify(event.content),
      );
      await machine.commit((tx) => record(tx, content));
      const place = placeOf(jsonOf(content));
      if (place) shared.used(event, place, this.#clock.now());
      return content;
    });
  }
}
