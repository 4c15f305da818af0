import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../../src/core/model/ids.ts";
import type { Store, Writes } from "../../../src/core/ports/store.ts";
import { laneWakingStore } from "../../../src/core/runtime/lane-waking-store.ts";
import { openStore } from "../../../src/store/open.ts";
import {
  ANA,
  BRAM,
  event,
  fromMatrix,
  fromNetwork,
  KEY,
  LOGIN,
  link,
  login,
  OTHER_LOGIN,
  portal,
  ROOM,
  remote,
  row,
  START,
  said,
  toMatrix,
  toNetwork,
} from "../../contract/store-fixtures.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

type Record = (tx: Writes) => void;
type Queue = "matrixInbox" | "matrixOutbox" | "networkInbox" | "networkOutbox";

/** A write, on what an earlier record left. */
interface Scenario {
  readonly before?: Record;
  readonly write: Record;
}

const NEXT = "!next" as RoomId;
const media = { kind: "file", mimetype: "text/plain", source: { at: "network", ref: "r" } } as const;
const parked: Record = (tx) => {
  tx.networkInbox.take(LOGIN, fromNetwork("M2"), START);
  tx.networkInbox.park(1, remote("M1"));
};
const failed: Record = (tx) => {
  tx.networkOutbox.add(toNetwork("a"));
  tx.networkOutbox.setState(row("a"), "failed");
};
const pushed: Record = (tx) => tx.matrixInbox.take(fromMatrix("1"), "push", false);
const brought: Record = (tx) => tx.networkInbox.take(LOGIN, fromNetwork("M1"), START);
const written: Record = (tx) => tx.networkOutbox.add(toNetwork("a"));
const queued: Record = (tx) => tx.matrixOutbox.add(toMatrix("a"));

const expiring = (due?: number) => ({ ...KEY, id: remote("M1"), sender: BRAM, seconds: 60, due });
const shown: Record = (tx) => {
  tx.matrixOutbox.add(toMatrix("a", { link: link("M1") }));
  tx.matrixOutbox.sent(row("a"), event("1"));
};

const GROUP = { login: LOGIN, chat: "group" as typeof KEY.chat };
const member = { ...GROUP, person: BRAM, role: "member", membership: "joined" } as const;
const groupedFor = (tx: Writes, id: typeof LOGIN): void => {
  const { network, createKey } = portal();
  const called = { name: "", topic: "", avatar: "", picture: "" } as const;
  const permissions = { writes: "member", changes: "member" } as const;
  const group = { ...called, kind: "group", self: "", permissions, powers: "member member" } as const;
  const at = { room: NEXT, state: "open", member: "joined" } as const;
  tx.portals.add({ ...GROUP, ...group, ...at, network, createKey, login: id });
};
const grouped: Record = (tx) => groupedFor(tx, LOGIN);
/** Who left is still a member to another login, which has shown so. */
const leftAtOne: Record = (tx) => {
  grouped(tx);
  tx.logins.add(login({ id: OTHER_LOGIN, user: "@ben:test" as typeof ANA }));
  groupedFor(tx, OTHER_LOGIN);
  for (const one of [{ ...member, membership: "left" } as const, { ...member, login: OTHER_LOGIN }]) {
    tx.portalMembers.put(one);
    tx.portalMembers.shown(one);
  }
};

/** Of each write of the tables that queue: one more cannot be forgotten. */
const scenarios: {
  readonly [T in
    | Queue
    | "told"
    | "messageStatuses"
    | "portalMembers"
    | "expiries"
    | "formerIds"
    | "requestAnswers"]: {
    readonly [W in keyof Writes[T]]: Scenario;
  };
} = {
  matrixInbox: {
    take: { write: pushed },
    release: {
      before: (tx) => tx.matrixInbox.take(fromMatrix("1"), "push", true),
      write: (tx) => tx.matrixInbox.release(),
    },
    finish: { before: pushed, write: (tx) => tx.matrixInbox.finish(event("1")) },
    countTry: { before: pushed, write: (tx) => tx.matrixInbox.countTry(event("1")) },
  },
  matrixOutbox: {
    add: { write: queued },
    setAttachment: {
      before: queued,
      write: (tx) => tx.matrixOutbox.setAttachment(row("a"), { media, login: LOGIN }),
    },
    handOver: {
      before: queued,
      write: (tx) => tx.matrixOutbox.handOver(row("a"), { sender: ANA, content: {} }),
    },
    countTry: { before: queued, write: (tx) => tx.matrixOutbox.countTry(row("a")) },
    sent: { before: queued, write: (tx) => tx.matrixOutbox.sent(row("a"), event("1")) },
    abandon: { before: queued, write: (tx) => tx.matrixOutbox.abandon(row("a")) },
    move: { before: queued, write: (tx) => tx.matrixOutbox.move(row("a"), NEXT, {}) },
  },
  networkInbox: {
    take: { write: brought },
    takeUnplaced: {
      write: (tx) =>
        tx.networkInbox.takeUnplaced(
          LOGIN,
          { kind: "delete", sender: BRAM, id: remote("D"), at: START, target: remote("M1") },
          START,
        ),
    },
    finish: { before: brought, write: (tx) => tx.networkInbox.finish(1) },
    countTry: { before: brought, write: (tx) => tx.networkInbox.countTry(1) },
    confirmed: { before: brought, write: (tx) => tx.networkInbox.confirmed(LOGIN, fromNetwork("M1")) },
    park: { before: brought, write: (tx) => tx.networkInbox.park(1, remote("M0")) },
    overdue: { before: parked, write: (tx) => tx.networkInbox.overdue({ seq: 1, key: KEY }) },
    unpark: { before: parked, write: (tx) => tx.networkInbox.unpark(KEY, remote("M1")) },
  },
  networkOutbox: {
    add: { write: written },
    requeue: {
      before: failed,
      write: (tx) => tx.networkOutbox.requeue(toNetwork("a"), { kind: "message", message: said("a") }),
    },
    postpone: { before: written, write: (tx) => tx.networkOutbox.postpone(toNetwork("a")) },
    seal: { before: written, write: (tx) => tx.networkOutbox.seal(row("a"), Uint8Array.of(1)) },
    countTry: { before: written, write: (tx) => tx.networkOutbox.countTry(row("a")) },
    remove: { before: written, write: (tx) => tx.networkOutbox.remove(row("a")) },
    setState: { before: failed, write: (tx) => tx.networkOutbox.setState(row("a"), "cancelled") },
    arrived: { before: failed, write: (tx) => tx.networkOutbox.arrived(row("a")) },
    empty: { before: failed, write: (tx) => tx.networkOutbox.empty(KEY, [remote("A")]) },
    receipt: { before: written, write: (tx) => tx.networkOutbox.receipt(KEY, [remote("A")], "read") },
  },
  portalMembers: {
    put: { before: grouped, write: (tx) => tx.portalMembers.put(member) },
    doubt: { before: grouped, write: (tx) => tx.portalMembers.doubt(member) },
    doubtLeft: { before: leftAtOne, write: (tx) => tx.portalMembers.doubtLeft(member, OTHER_LOGIN) },
    shown: {
      before: (tx) => {
        grouped(tx);
        tx.portalMembers.put(member);
      },
      write: (tx) => tx.portalMembers.shown(member),
    },
  },
  messageStatuses: {
    show: {
      write: (tx) =>
        tx.messageStatuses.show({ event: event("1"), status: "refused", row: toMatrix("a"), first: true }),
    },
  },
  requestAnswers: {
    put: { write: (tx) => tx.requestAnswers.put(KEY, true) },
    told: {
      before: (tx) => tx.requestAnswers.put(KEY, true),
      write: (tx) => tx.requestAnswers.told(KEY, true),
    },
  },
  formerIds: {
    join: {
      before: written,
      write: (tx) =>
        tx.formerIds.join(
          { ...KEY, chat: GROUP.chat, person: BRAM, was: { chat: KEY.chat, person: BRAM } },
          portal().network,
          START,
        ),
    },
  },
  expiries: {
    add: { write: (tx) => tx.expiries.add(expiring(START)) },
    read: {
      before: (tx) => {
        shown(tx);
        tx.expiries.add(expiring());
      },
      write: (tx) => tx.expiries.read(KEY, { writtenBy: START }, START),
    },
    hurry: { before: (tx) => tx.expiries.add(expiring()), write: (tx) => tx.expiries.hurry(LOGIN, START) },
    remove: {
      before: (tx) => tx.expiries.add(expiring(START)),
      write: (tx) => tx.expiries.remove(expiring()),
    },
  },
  told: {
    once: { write: (tx) => tx.told.once("words", toMatrix("a")) },
    unmark: { before: queued, write: (tx) => tx.told.unmark(event("1")) },
    unsay: { before: queued, write: (tx) => tx.told.unsay(ROOM, "words") },
  },
};

const each = Object.entries(scenarios).flatMap(([table, of]) =>
  Object.entries(of).map(([write, scenario]: [string, Scenario]) => [`${table}.${write}`, scenario] as const),
);

/** The lanes that have something to do, by queue. */
async function lanesOf(store: Store): Promise<ReadonlySet<string>> {
  const [one, two, three, four, five, six, seven] = await Promise.all([
    store.matrixInbox.lanes(),
    store.matrixOutbox.lanes(),
    store.networkInbox.lanes(),
    store.networkOutbox.lanes(),
    store.portals.unshown(),
    store.expiries.lanes(),
    store.requestAnswers.lanes(),
  ]);
  return new Set([
    ...one.map((room) => `matrixInbox ${room}`),
    ...two.map((room) => `matrixOutbox ${room}`),
    ...three.map(({ login: id, chat }) => `networkInbox ${id} ${chat}`),
    ...five.map(({ login: id, chat }) => `groupRooms ${id} ${chat}`),
    ...six.map((id) => `expiries ${id}`),
    ...seven.map(({ login: id, chat }) => `networkOutbox ${id} ${chat}`),
    ...four.map(({ login: id, chat }) => `networkOutbox ${id} ${chat}`),
  ]);
}

let folder: TemporaryFolder;
let store: Store;
let woken: string[];
let waking: Store;

beforeEach(() => {
  folder = temporaryFolder();
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  store = openStore({ path: join(folder.path, "bridge.db"), log });
  woken = [];
  waking = laneWakingStore(store, {
    matrixInbox: (room) => void woken.push(`matrixInbox ${room}`),
    matrixOutbox: (room) => void woken.push(`matrixOutbox ${room}`),
    networkInbox: ({ login: id, chat }) => void woken.push(`networkInbox ${id} ${chat}`),
    networkOutbox: ({ login: id, chat }) => void woken.push(`networkOutbox ${id} ${chat}`),
    groupRooms: ({ login: id, chat }) => void woken.push(`groupRooms ${id} ${chat}`),
    pictures: ({ network, person }) => void woken.push(`pictures ${network} ${person}`),
    expiries: (id) => void woken.push(`expiries ${id}`),
  });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function begin(before?: Record): Promise<ReadonlySet<string>> {
  await store.write((tx) => {
    tx.logins.add(login());
    tx.portals.add(portal());
    before?.(tx);
  });
  return lanesOf(store);
}

describe("a write wakes", () => {
  test.each(each)("every lane to which it gives something to do, and no other: %s", async (_, scenario) => {
    const before = await begin(scenario.before);
    await waking.write(scenario.write);
    const now = await lanesOf(store);
    expect(woken).toEqual(Array.from(now).filter((lane) => !before.has(lane)));
  });

  test("a lane once, after the commit, whatever one record puts into it", async () => {
    await begin();
    const done = waking.write((tx) => {
      for (const name of ["a", "b"]) tx.matrixOutbox.add(toMatrix(name));
      tx.told.once("words", toMatrix("c"));
      tx.networkOutbox.add(toNetwork("a"));
    });
    expect(woken).toEqual([]);
    await done;
    expect(woken).toEqual([`matrixOutbox ${ROOM}`, `networkOutbox ${KEY.login} ${KEY.chat}`]);
  });

  test("no lane where its record does not stand", async () => {
    await begin();
    const rejected = waking.write((tx) => {
      tx.guard({ kind: "row-queued", row: row("none") });
      tx.matrixOutbox.add(toMatrix("a"));
    });
    await expect(rejected).rejects.toMatchObject({ reason: "changed" });
    expect(woken).toEqual([]);
  });
});
