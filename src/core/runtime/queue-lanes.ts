import type { PortalKey } from "../model/events.ts";
import type { LoginId, RoomId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import type { Wakers } from "./lane-waking-store.ts";
import { Lanes, type Step } from "./lanes.ts";

/** What each queue's lanes do, given when all of it is made. */
export interface LaneSteps {
  /** Handles what people did in a room. */
  roomEvents(room: RoomId): Promise<Step>;
  /** Sends a room's rows to the homeserver. */
  roomRows(room: RoomId): Promise<Step>;
  /** Handles what contacts did in a chat. */
  chatEvents(key: PortalKey): Promise<Step>;
  /** Sends a chat's rows to its network. */
  chatRows(key: PortalKey): Promise<Step>;
}

const textOfRoom = (room: RoomId): string => room;
const textOfChat = ({ login, chat }: PortalKey): string => `${login} ${chat}`;

/** The four sets of lanes, one a queue. */
export class BridgeLanes {
  readonly roomEvents: Lanes<RoomId>;
  readonly roomRows: Lanes<RoomId>;
  readonly chatEvents: Lanes<PortalKey>;
  readonly chatRows: Lanes<PortalKey>;

  constructor(
    around: {
      readonly clock: Clock;
      readonly random: Random;
      readonly scheduler: Scheduler;
      readonly log: Log;
    },
    steps: () => LaneSteps,
  ) {
    const room = { ...around, textOf: textOfRoom };
    const chat = { ...around, textOf: textOfChat };
    this.roomEvents = new Lanes({ ...room, name: "room-events", step: (key) => steps().roomEvents(key) });
    this.roomRows = new Lanes({ ...room, name: "room-rows", step: (key) => steps().roomRows(key) });
    this.chatEvents = new Lanes({ ...chat, name: "chat-events", step: (key) => steps().chatEvents(key) });
    this.chatRows = new Lanes({ ...chat, name: "chat-rows", step: (key) => steps().chatRows(key) });
  }

  get wakers(): Wakers {
    return {
      roomEvents: (room) => this.roomEvents.wake(room),
      roomRows: (room) => this.roomRows.wake(room),
      chatEvents: (key) => this.chatEvents.wake(key),
      chatRows: (key) => this.chatRows.wake(key),
    };
  }

  /** The homeserver is back: every lane that waits for it goes on. */
  homeserverBack(): void {
    for (const lanes of [this.roomEvents, this.roomRows, this.chatEvents, this.chatRows]) lanes.resume();
  }

  /** A login's connection is up: what waits for it goes on. */
  connected(login: LoginId): void {
    this.chatRows.hurryAll((key) => key.login === login);
  }

  /** Wakes every lane whose queue holds something. */
  async takeUp({ hsOutbox, netInbox, netOutbox, hsInbox }: Store): Promise<void> {
    for (const room of await hsOutbox.lanes()) this.roomRows.wake(room);
    for (const key of await netInbox.lanes()) this.chatEvents.wake(key);
    for (const key of await netOutbox.lanes()) this.chatRows.wake(key);
    for (const room of await hsInbox.lanes()) this.roomEvents.wake(room);
  }
}
