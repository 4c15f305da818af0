import { expect, test } from "@jest/globals";
import { Announcements } from "../../../src/core/management/announcements.ts";
import type { NetworkId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";

const ana = "@ana:example.org" as UserId;

function networksOf(...names: readonly string[]): ReadonlyMap<NetworkId, Network> {
  const pairs = names.map((name) => {
    const id = name.toLowerCase() as NetworkId;
    return [id, { id, name, noticeVersion: 1 } as unknown as Network] as const;
  });
  return new Map(pairs);
}

test("a network that became available is told of once, to those who know the bot", async () => {
  await using store = openStore({ path: ":memory:", log: quietLog });
  await store.write((tx) => tx.rooms.set(ana, "!bot:example.org" as RoomId));
  const told: string[] = [];
  const start = (...names: readonly string[]) =>
    new Announcements(store, networksOf(...names), async (user, words, also) => {
      told.push(`${user}: ${words}`);
      await store.write((tx) => also?.(tx));
    }).announce();
  await start("WhatsApp");
  told.length = 0;
  await start("WhatsApp", "Messenger");
  await start("WhatsApp", "Messenger");
  expect(told).toEqual([expect.stringMatching(/^@ana:example\.org: Messenger is available now\. It is off/)]);
});
