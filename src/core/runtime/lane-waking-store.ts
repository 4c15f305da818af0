import type { PortalKey } from "../model/events.ts";
import type { LoginId, RoomId } from "../model/ids.ts";
import type { PictureKey } from "../ports/ghost-pictures.ts";
import type { Store, Writes } from "../ports/store.ts";

/** Called after a commit for the lanes that it gave something to do. */
export interface Wakers {
  /** Events to handle in a room. */
  matrixInbox(room: RoomId): void;
  /** Rows to send to a room. */
  matrixOutbox(room: RoomId): void;
  /** Events to handle in a chat. */
  networkInbox(key: PortalKey): void;
  /** Rows to send to a chat. */
  networkOutbox(key: PortalKey): void;
  /** What a group's room does not show yet. */
  groupRooms(key: PortalKey): void;
  /** A picture to fetch, or to take away. */
  pictures(key: PictureKey): void;
  /** A login's messages that disappear. */
  expiries(login: LoginId): void;
}

/** A lane that has something to do. */
interface WokenLane {
  readonly name: string;
  wake(wakers: Wakers): void;
}

const ofRoom = (queue: "matrixInbox" | "matrixOutbox", room: RoomId): WokenLane => ({
  name: `${queue} ${room}`,
  wake: (wakers) => wakers[queue](room),
});

const ofChat = (
  queue: "networkInbox" | "networkOutbox" | "groupRooms",
  { login, chat }: PortalKey,
): WokenLane => ({
  name: `${queue} ${login} ${chat}`,
  wake: (wakers) => wakers[queue]({ login, chat }),
});

const ofPerson = ({ network, person }: PictureKey): WokenLane => ({
  name: `pictures ${network} ${person}`,
  wake: (wakers) => wakers.pictures({ network, person }),
});

const ofLogin = (login: LoginId): WokenLane => ({
  name: `expiries ${login}`,
  wake: (wakers) => wakers.expiries(login),
});

/** The tables whose writes put rows into queues, or make queued rows due. */
type Queueing =
  | Exclude<keyof Wakers, "groupRooms" | "pictures">
  | "ghosts"
  | "told"
  | "messageStatuses"
  | "portals"
  | "portalMembers"
  | "formerIds"
  | "requestAnswers";
/** A family's own tables are no queues of the core's. */
type TableName = keyof Omit<Writes, "guard" | "family">;

/** For each write the lane to wake after its commit, or that it wakes none. */
type Effects<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends (...args: infer Args) => void
    ? ((...args: Args) => WokenLane) | "wakes nothing"
    : never;
};

/** What each write wakes; a new table, or a new write of a queue, does not compile without its entry. */
const effects: {
  readonly [Name in TableName]: Name extends Queueing ? Effects<Writes[Name]> : "queues nothing";
} = {
  matrixInbox: {
    take: ({ room }) => ofRoom("matrixInbox", room),
    // When the gap closes, MatrixIntake releases all lanes itself.
    release: "wakes nothing",
    finish: "wakes nothing",
    countTry: "wakes nothing",
  },
  matrixOutbox: {
    add: ({ room }) => ofRoom("matrixOutbox", room),
    move: (_, room) => ofRoom("matrixOutbox", room),
    setAttachment: "wakes nothing",
    handOver: "wakes nothing",
    countTry: "wakes nothing",
    sent: "wakes nothing",
    abandon: "wakes nothing",
  },
  networkInbox: {
    take: (login, { chat }) => ofChat("networkInbox", { login, chat }),
    overdue: ({ key }) => ofChat("networkInbox", key),
    unpark: (key) => ofChat("networkInbox", key),
    // Such a deletion becomes a row only when the message it names is taken in.
    takeUnplaced: "wakes nothing",
    park: "wakes nothing",
    finish: "wakes nothing",
    countTry: "wakes nothing",
    confirmed: "wakes nothing",
  },
  networkOutbox: {
    add: ({ key }) => ofChat("networkOutbox", key),
    requeue: ({ key }) => ofChat("networkOutbox", key),
    // Only the running lane itself postpones its first row, and it goes on.
    postpone: "wakes nothing",
    seal: "wakes nothing",
    countTry: "wakes nothing",
    remove: "wakes nothing",
    setState: "wakes nothing",
    arrived: "wakes nothing",
    empty: "wakes nothing",
    receipt: "wakes nothing",
  },
  told: {
    once: (_, { room }) => ofRoom("matrixOutbox", room),
    unmark: "wakes nothing",
    unsay: "wakes nothing",
  },
  messageStatuses: {
    show: ({ row: { room } }) => ofRoom("matrixOutbox", room),
  },
  portals: {
    // Its members are to be seen there.
    setState: (key) => ofChat("groupRooms", key),
    setGroup: (key) => ofChat("groupRooms", key),
    doubtPicture: (key) => ofChat("groupRooms", key),
    addUntold: (key) => ofChat("groupRooms", key),
    told: "wakes nothing",
    setPicture: "wakes nothing",
    setPowers: "wakes nothing",
    // It is woken when the room is open.
    add: "wakes nothing",
    setRoom: "wakes nothing",
    setMember: "wakes nothing",
    doubt: "wakes nothing",
    remove: "wakes nothing",
  },
  portalMembers: {
    put: (member) => ofChat("groupRooms", member),
    doubt: (member) => ofChat("groupRooms", member),
    doubtLeft: (key) => ofChat("groupRooms", key),
    shown: "wakes nothing",
  },
  ghosts: {
    tellPicture: ofPerson,
    forgetPicture: (network, person) => ofPerson({ network, person }),
    // Whoever has them all doubted takes them up.
    doubt: "wakes nothing",
    setPicture: "wakes nothing",
    add: "wakes nothing",
    setName: "wakes nothing",
    setProfile: "wakes nothing",
    setShown: "wakes nothing",
    setAvatar: "wakes nothing",
  },
  formerIds: {
    // What waits in its inbox is woken by the event that tells of it.
    join: (now) => ofChat("networkOutbox", now),
  },
  requestAnswers: {
    put: (key) => ofChat("networkOutbox", key),
    told: "wakes nothing",
  },
  expiries: {
    add: ({ login }) => ofLogin(login),
    read: ({ login }) => ofLogin(login),
    hurry: ofLogin,
    remove: "wakes nothing",
  },
  sharedGroups: "queues nothing",
  logins: "queues nothing",
  formerRooms: "queues nothing",
  contacts: "queues nothing",
  messages: "queues nothing",
  deadLetters: "queues nothing",
  rooms: "queues nothing",
  reactions: "queues nothing",
  revisions: "queues nothing",
  learntIds: "queues nothing",
  withdrawn: "queues nothing",
  records: "queues nothing",
  personData: "queues nothing",
};

/** The store; after each commit it wakes the lanes whose queues the commit has written. */
export function laneWakingStore(store: Store, wakers: Wakers): Store {
  let touched = new Map<string, WokenLane>();
  let watched: { readonly tx: Writes; readonly watching: Writes } | undefined;

  async function write(record: (tx: Writes) => void): Promise<void> {
    const mine = new Map<string, WokenLane>();
    await store.write((tx) => {
      touched = mine;
      if (watched?.tx !== tx)
        watched = { tx, watching: watching(tx, (lane) => touched.set(lane.name, lane)) };
      return record(watched.watching);
    });
    for (const lane of mine.values()) lane.wake(wakers);
  }

  return { ...store, write, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function watching(tx: Writes, touch: (lane: WokenLane) => void): Writes {
  const table = <Name extends Queueing>(name: Name): Writes[Name] => watched(tx[name], effects[name], touch);
  return {
    ...tx,
    matrixInbox: table("matrixInbox"),
    matrixOutbox: table("matrixOutbox"),
    networkInbox: table("networkInbox"),
    networkOutbox: table("networkOutbox"),
    ghosts: table("ghosts"),
    told: table("told"),
    messageStatuses: table("messageStatuses"),
    portals: table("portals"),
    portalMembers: table("portalMembers"),
    expiries: table("expiries"),
    formerIds: table("formerIds"),
    requestAnswers: table("requestAnswers"),
  };
}

type Write = (...args: readonly unknown[]) => void;

function watched<Table extends object>(
  table: Table,
  effectsOf: object,
  touch: (lane: WokenLane) => void,
): Table {
  const effect = new Map<string, ((...args: readonly unknown[]) => WokenLane) | string>(
    Object.entries(effectsOf),
  );
  const writes = (Object.entries(table) as [string, Write][]).map(([name, write]) => {
    const lane = effect.get(name);
    if (typeof lane !== "function") return [name, write];
    return [
      name,
      (...args: readonly unknown[]) => {
        touch(lane(...args));
        write(...args);
      },
    ];
  });
  return Object.fromEntries(writes) as Table;
}
