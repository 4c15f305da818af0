import { describe, expect, test } from "@jest/globals";
import { RoomReaders } from "../../../src/core/delivery/room-readers.ts";
import type { EventId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

describe("who has read what", () => {
  test("is shown one after the other with pauses, of each only the newest, and a failure ends nothing", async () => {
    const clock = new VirtualClock();
    const shown: string[] = [];
    let running = 0;
    let most = 0;
    const homeserver = {
      async markRead(ghost: UserId, _: RoomId, event: EventId): Promise<void> {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => void clock.after(10, resolve));
        running -= 1;
        if (ghost === "@g3") throw new Error("no");
        shown.push(`${ghost} ${event}`);
      },
    };
    const readers = new RoomReaders({ homeserver, clock, log: silent });
    const read = (event: string): void => {
      for (let at = 0; at < 300; at++)
        readers.want({ ghost: `@g${at}` as UserId, room: "!r" as RoomId, event: event as EventId });
    };
    read("$1");
    await settle();
    await clock.advance(500);
    // Eight at once, then one in 20 ms.
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.length).toBeLessThan(35);
    read("$2");
    read("$3");
    await clock.advance(20_000);
    expect(most).toBe(1);
    expect(new Set(shown.slice(-299)).size).toBe(299);
    expect(shown.slice(-299).every((line) => line.endsWith(" $3"))).toBe(true);
    expect(shown.length).toBeLessThan(299 + 40);
    expect(shown.some((line) => line.endsWith(" $2"))).toBe(false);
    readers.want({ ghost: "@late" as UserId, room: "!r" as RoomId, event: "$4" as EventId });
    await clock.advance(10);
    expect(shown.at(-1)).toBe("@late $4");
  });
});
