import type { PortalKey } from "../model/events.ts";
import type { LoginId, RoomId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { PictureKey } from "../ports/ghost-pictures.ts";
import type { Log } from "../ports/log.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import type { Wakers } from "./lane-waking-store.ts";
import { Lanes, type RunningStep, type Step } from "./lanes.ts";

/** The step of each queue's lanes. */
export interface LaneSteps {
  /** Handles what people did in a room. */
  matrixInbox(room: RoomId): Promise<Step>;
  /** Sends a room's rows to the homeserver. */
  matrixOutbox(room: RoomId): Promise<Step>;
  /** Handles what contacts did in a chat. */
  networkInbox(key: PortalKey): Promise<Step>;
  /** Sends a chat's rows to its network. */
  networkOutbox(key: PortalKey): Promise<Step>;
  /** Brings a group's room in line with the group. */
  groupRooms(key: PortalKey): Promise<Step>;
  /** Fetches the picture of somebody on a network. */
  pictures(key: PictureKey): Promise<Step>;
  /** Takes a login's messages out that disappear by now. */
  expiries(login: LoginId): Promise<Step>;
}

const textOfRoom = (room: RoomId): string => room;
const textOfChat = ({ login, chat }: PortalKey): string => `${login} ${chat}`;
const textOfPerson = ({ network, person }: PictureKey): string => `${network} ${person}`;

interface QueueLanesParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/** The sets of lanes: one a queue, one for groups' rooms, people's pictures and messages that disappear each. */
export class QueueLanes {
  readonly matrixInbox: Lanes<RoomId>;
  readonly matrixOutbox: Lanes<RoomId>;
  readonly networkInbox: Lanes<PortalKey>;
  readonly networkOutbox: Lanes<PortalKey>;
  readonly groupRooms: Lanes<PortalKey>;
  readonly pictures: Lanes<PictureKey>;
  readonly expiries: Lanes<LoginId>;

  constructor({ clock, random, scheduler, log }: QueueLanesParts) {
    const around = { clock, random, scheduler, log };
    this.matrixInbox = new Lanes({ ...around, name: "matrix-inbox", textOf: textOfRoom });
    this.matrixOutbox = new Lanes({ ...around, name: "matrix-outbox", textOf: textOfRoom });
    this.networkInbox = new Lanes({ ...around, name: "network-inbox", textOf: textOfChat });
    this.networkOutbox = new Lanes({ ...around, name: "network-outbox", textOf: textOfChat });
    this.groupRooms = new Lanes({ ...around, name: "group-rooms", textOf: textOfChat });
    this.pictures = new Lanes({ ...around, name: "pictures", textOf: textOfPerson });
    this.expiries = new Lanes({ ...around, name: "expiries", textOf: (login) => login });
  }

  /** Starts all lanes, also those that were woken before. */
  begin(steps: LaneSteps): void {
    this.matrixInbox.begin((room) => steps.matrixInbox(room));
    this.matrixOutbox.begin((room) => steps.matrixOutbox(room));
    this.networkInbox.begin((key) => steps.networkInbox(key));
    this.networkOutbox.begin((key) => steps.networkOutbox(key));
    this.groupRooms.begin((key) => steps.groupRooms(key));
    this.pictures.begin((key) => steps.pictures(key));
    this.expiries.begin((login) => steps.expiries(login));
  }

  get wakers(): Wakers {
    return {
      matrixInbox: (room) => this.matrixInbox.wake(room),
      matrixOutbox: (room) => this.matrixOutbox.wake(room),
      networkInbox: (key) => this.networkInbox.wake(key),
      networkOutbox: (key) => this.networkOutbox.wake(key),
      groupRooms: (key) => this.groupRooms.wake(key),
      pictures: (key) => this.pictures.wake(key),
      expiries: (login) => this.expiries.wake(login),
    };
  }

  /** The steps that are under way, of all queues. */
  get steps(): readonly RunningStep[] {
    return this.#all.flatMap(({ steps }) => steps);
  }

  /** To be called when the homeserver is back: lanes that wait for it go on. */
  homeserverBack(): void {
    for (const lanes of this.#all) lanes.resume();
  }

  get #all() {
    const { matrixInbox, matrixOutbox, networkInbox, networkOutbox, groupRooms, pictures, expiries } = this;
    return [matrixInbox, matrixOutbox, networkInbox, networkOutbox, groupRooms, pictures, expiries];
  }

  /** To be called when a login's connection is up: its lanes that wait go on. */
  connected(login: LoginId): void {
    // A new group is asked for, and its picture fetched, over the connection.
    for (const lanes of [this.networkOutbox, this.networkInbox, this.groupRooms])
      lanes.hurryAll((key) => key.login === login);
    this.pictures.hurryAll();
  }

  /** Wakes every lane whose queue has rows, at the start. */
  async takeUp(store: Store): Promise<void> {
    const { matrixOutbox, networkInbox, networkOutbox, matrixInbox, portals, expiries, requestAnswers } =
      store;
    for (const room of await matrixOutbox.lanes()) this.matrixOutbox.wake(room);
    for (const key of await networkInbox.lanes()) this.networkInbox.wake(key);
    for (const key of await networkOutbox.lanes()) this.networkOutbox.wake(key);
    for (const room of await matrixInbox.lanes()) this.matrixInbox.wake(room);
    for (const key of await portals.unshown()) this.groupRooms.wake(key);
    for (const key of await requestAnswers.lanes()) this.networkOutbox.wake(key);
    for (const login of await expiries.lanes()) this.expiries.wake(login);
    await this.takeUpPictures(store);
  }

  /** To be called where pictures may have to be fetched again. */
  async takeUpPictures({ ghosts }: Pick<Store, "ghosts">): Promise<void> {
    for (const { network, person } of await ghosts.allUnfetched()) this.pictures.wake({ network, person });
  }
}
