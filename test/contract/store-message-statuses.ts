import { describe, expect, test } from "@jest/globals";
import type { NetworkOutboxState } from "../../src/core/ports/rows.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";
import type { ShownStatus } from "../../src/core/ports/told.ts";
import {
  DAY,
  event,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  portal,
  ROOM,
  row,
  START,
  swept,
  toMatrix,
  toNetwork,
} from "./store-fixtures.ts";

const EVENT = event("1");
let made = 0;

/** Whether a status of the event is news and true. */
async function shows(store: Store, status: ShownStatus, first = true): Promise<boolean> {
  const notice = toMatrix(`status ${++made}`, { room: ROOM, createdAt: START });
  await store.write((tx) => tx.messageStatuses.show({ event: EVENT, status, row: notice, first }));
  return (await store.matrixOutbox.next(ROOM, 99)).some(({ id }) => id === notice.id);
}

/** The event's rows in these states. */
function rows(...states: readonly NetworkOutboxState[]): (tx: Writes) => void {
  return (tx) => {
    states.forEach((state, item) => {
      const id = row(`row ${item}`);
      tx.networkOutbox.add({ ...toNetwork(`row ${item}`), id, event: EVENT, item });
      if (state !== "queued") tx.networkOutbox.setState(id, state);
    });
  };
}

const ALL: readonly ShownStatus[] = ["pending", "sent", "delivered", "failed", "refused"];

export function messageStatuses(open: OpenStoreUnderTest): void {
  describe("the status of an event", () => {
    test.each<[readonly NetworkOutboxState[], readonly ShownStatus[]]>([
      [[], ["refused"]],
      [["queued"], ["pending", "refused"]],
      [["sent"], ["sent", "refused"]],
      [["delivered"], ["sent", "delivered", "refused"]],
      [["read"], ["sent", "delivered", "refused"]],
      [["failed"], ["failed", "refused"]],
      [["cancelled"], ["refused"]],
      [
        ["sent", "queued"],
        ["pending", "refused"],
      ],
      [
        ["delivered", "sent"],
        ["sent", "refused"],
      ],
      [
        ["delivered", "failed"],
        ["failed", "refused"],
      ],
      [
        ["queued", "failed"],
        ["failed", "refused"],
      ],
      [
        ["cancelled", "read"],
        ["sent", "delivered", "refused"],
      ],
    ])("whose rows are %j can be %j", async (states, can) => {
      for (const status of ALL) {
        await using it = await open();
        await it.store.write(rows(...states));
        expect([status, await shows(it.store, status)]).toEqual([status, can.includes(status)]);
      }
    });

    test("is shown once, and goes back only where a failure ends", async () => {
      await using it = await open();
      const { store } = it;
      await store.write(rows("queued"));
      expect([await shows(store, "pending"), await shows(store, "pending")]).toEqual([true, false]);
      await store.write((tx) => tx.networkOutbox.setState(row("row 0"), "sent"));
      expect([await shows(store, "sent"), await shows(store, "sent")]).toEqual([true, false]);
      await store.write((tx) => tx.networkOutbox.setState(row("row 0"), "failed"));
      expect([await shows(store, "failed"), await shows(store, "failed")]).toEqual([true, false]);
      expect(await shows(store, "sent")).toBe(false);
      await store.write((tx) => tx.networkOutbox.arrived(row("row 0")));
      expect([await shows(store, "sent"), await shows(store, "sent")]).toEqual([true, false]);
      await store.write((tx) => tx.networkOutbox.setState(row("row 0"), "read"));
      expect([await shows(store, "delivered"), await shows(store, "sent")]).toEqual([true, false]);
      const reopened = await it.reopen();
      expect(await shows(reopened, "delivered")).toBe(false);
      expect(await shows(reopened, "refused")).toBe(true);
      expect(await shows(reopened, "delivered")).toBe(false);
    });

    test("is kept true once there is one, even where no first one is to be shown", async () => {
      await using it = await open();
      const { store } = it;
      await store.write(rows("failed"));
      expect(await shows(store, "failed", false)).toBe(false);
      expect(await shows(store, "failed")).toBe(true);
      await store.write((tx) => tx.networkOutbox.arrived(row("row 0")));
      expect(await shows(store, "sent", false)).toBe(true);
    });

    test("is swept, and goes with the login", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.portals.add(portal());
      });
      expect(await shows(store, "refused")).toBe(true);
      await swept(store, START + 59 * DAY);
      expect(await shows(store, "refused")).toBe(false);
      await swept(store, START + 61 * DAY);
      expect(await shows(store, "refused")).toBe(true);
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await shows(store, "refused")).toBe(true);
    });
  });

  test("a message is with the network, whatever was thought of it, unless more is known", async () => {
    await using it = await open();
    const { store } = it;
    const states = ["queued", "sent", "delivered", "read", "failed", "cancelled"] as const;
    await store.write(rows(...states));
    await store.write((tx) => states.forEach((_, item) => tx.networkOutbox.arrived(row(`row ${item}`))));
    const after = await store.networkOutbox.ofEvent(EVENT);
    expect(after.map(({ state }) => state)).toEqual([
      "sent",
      "sent",
      "delivered",
      "read",
      "sent",
      "cancelled",
    ]);
  });
}
