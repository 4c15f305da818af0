import { describe, expect, test } from "@jest/globals";
import { groupRow } from "../../../src/core/chats/groups/shared-rooms.ts";
import type { RemoteEvent } from "../../../src/core/model/events.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import type { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { eventually } from "../../kit/eventually.ts";
import { chatOfGroup, groupStage } from "../../kit/signal/group-stage.ts";

const here = groupStage();
const { stage } = here;

/** What is stored here of the account's record, once it holds. */
async function stored(played: PlayedGroup, holds: Readonly<Record<string, unknown>>): Promise<void> {
  const { world, session } = stage;
  await eventually(JSON.stringify(holds), async () => {
    const group = await world.store.family(signalFamily).group(session.login.id, chatOfGroup(played));
    return Object.entries(holds).every(([name, value]) => Object(group?.stored)[name] === value);
  });
}

/** The group has a room, as the core keeps it. */
async function hasRoom(played: PlayedGroup): Promise<void> {
  const { store } = stage.world;
  const { id: login, network } = stage.session.login;
  await store.write((tx) =>
    tx.portals.add({
      login,
      chat: chatOfGroup(played),
      network,
      createKey: played.id,
      room: undefined,
      state: "making",
      member: "none",
      ...groupRow(undefined),
    }),
  );
}

const marks = (played: PlayedGroup): readonly Partial<RemoteEvent>[] =>
  here.eventsIn(played).filter(({ kind }) => kind !== "message");

describe("what the account stores about a group", () => {
  test("makes no room by itself, and its first message does", async () => {
    const played = await here.group("Alleen opgeslagen");
    await played.stores(stage.phone, { mutedUntilTimestamp: 0n });
    await stored(played, { accepted: true });
    expect(here.eventsIn(played)).toEqual([]);
    expect(await stage.session.client.chatInfo(chatOfGroup(played))).toMatchObject({
      kind: "group",
      name: "Alleen opgeslagen",
    });
    const { timestamp } = await played.says(stage.wim, "the first");
    expect((await stage.event("message", timestamp)).chat).toBe(chatOfGroup(played));
  });

  test("comes as what our person did on their phone: muted, marked as unread, accepted, blocked", async () => {
    const played = await here.knownGroup("Bewaard");
    await hasRoom(played);
    const later = Date.now() + 3_600_000;
    await played.stores(stage.phone, { mutedUntilTimestamp: BigInt(later), markedUnread: true });
    await stored(played, { mutedUntil: later, markedUnread: true });
    await played.stores(stage.phone, { mutedUntilTimestamp: 0n, markedUnread: false, blocked: true });
    await stored(played, { blocked: true });
    expect(marks(played)).toMatchObject([
      { kind: "request-answered", accepted: true },
      { kind: "muted", muted: true, until: later },
      { kind: "marked-unread", unread: true },
      { kind: "muted", muted: false },
      { kind: "marked-unread", unread: false },
      { kind: "group-members", sender: undefined, changes: [{ person: undefined, membership: "left" }] },
    ]);
    await played.says(stage.wim, "to who blocked it");
    await here.settled();
    expect(stage.session.sink.texts()).not.toContain("to who blocked it");
  });
});
