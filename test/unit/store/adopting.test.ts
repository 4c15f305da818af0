import { expect, test } from "@jest/globals";
import type { PortalKey } from "../../../src/core/model/events.ts";
import type { UserId } from "../../../src/core/model/ids.ts";
import type { Portal } from "../../../src/core/ports/rows.ts";
import {
  BRAM,
  event,
  KEY,
  link,
  login,
  OTHER_KEY,
  OTHER_LOGIN,
  ROOM,
  remote,
  WHATSAPP,
} from "../../contract/store-fixtures.ts";
import { fileStore } from "./fixtures.ts";

const group = (key: PortalKey): Portal => ({
  ...key,
  kind: "group",
  network: WHATSAPP,
  createKey: "of-the-group",
  room: ROOM,
  state: "open",
  member: "joined",
  name: "Hiking",
  topic: "",
  avatar: "",
  picture: "",
  permissions: { writes: "member", changes: "member" },
  powers: "",
  self: "",
});

/** Milliseconds of this thread's processor time; what else the machine does is not in it. */
const used = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

test("who comes into a full room is given what was said there without holding up anybody", async () => {
  await using it = fileStore();
  const store = it.open();
  const names = Array.from({ length: 1_000 }, (_, index) => `M${index}`);
  await store.write((tx) => {
    tx.logins.add(login());
    tx.logins.add(login({ id: OTHER_LOGIN, user: "@ben:test" as UserId }));
    tx.portals.add(group(KEY));
    for (const name of names) {
      tx.messages.add({ ...link(name), room: ROOM, event: event(name) });
      tx.reactions.put({
        ...KEY,
        target: remote(name),
        sender: BRAM,
        emoji: "👍",
        room: ROOM,
        event: event(`r${name}`),
        row: undefined,
      });
    }
    tx.portals.add(group(OTHER_KEY));
  });
  const before = used();
  await store.write((tx) => tx.sharedGroups.adopt(OTHER_KEY));
  expect(used() - before).toBeLessThan(50);
  expect(await store.messages.events(OTHER_KEY, remote("M0"))).toHaveLength(1);
  expect(await store.reactions.ofMessage(OTHER_KEY, remote("M999"))).toHaveLength(1);
});
