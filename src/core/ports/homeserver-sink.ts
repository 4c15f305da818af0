import type { MatrixEvent } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import type { Via } from "./queues.ts";
import type { Writes } from "./store.ts";

/** Receives what comes from the homeserver. */
export interface HomeserverSink {
  /**
   * Commits events; once it resolves, the homeserver may be told that they were taken. `record` is in the commit of the
   * token, which is the last.
   */
  take(
    events: readonly MatrixEvent[],
    via: Via,
    token?: string,
    record?: (tx: Writes) => void,
  ): Promise<void>;
  /** Called when the audit stream broke or starts: pushed events must wait for it. */
  gapOpened(): void;
  gapClosed(): Promise<void>;
  /** Called when the homeserver proves to be an older copy of itself, which may have lost what it was told since. */
  rolledBack(): Promise<void>;
  /** Called for a room with messages that cannot be read any more: its people must be told. */
  missed(room: RoomId): Promise<void>;
  /** Called when keys of these sessions came, of which events may have been given up. */
  keysCame(sessions: readonly string[]): void;
  /** Tells the administrators something once a day. */
  tellAdministrators(words: string): Promise<void>;
}
