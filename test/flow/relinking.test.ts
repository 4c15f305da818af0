import { describe, expect, test } from "@jest/globals";
import type { ChatId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { LinkedWorld, QUILL } from "../kit/linked-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const PHONE = "Your phone unlinked this bridge.";

/** Ana has linked Quill, and chats with Bram and Cees there; Cees has left Quill since. */
async function begin() {
  const it = await LinkedWorld.start();
  const { world, quill } = it;
  await it.links(ANA, "+31611");
  const client = () => quill.clientOfAccount("+31611");
  for (const who of ["Bram", "Cees"]) await client().says(who, `${who}-1`, "hello");
  await client().brings({
    kind: "reachability",
    chat: "Cees" as ChatId,
    sender: "Cees" as PersonId,
    id: "gone" as MessageId,
    at: 0,
    state: "gone",
  });
  await settle();
  const logins = () => world.store.logins.of(ANA, QUILL);
  const portal = async (chat: string) => {
    const all = await Promise.all(
      (await logins()).map(({ id }) => world.store.portals.byChat({ login: id, chat: chat as ChatId })),
    );
    const [found] = all.flatMap((one) => one ?? []);
    return found;
  };
  const room = (await portal("Bram"))?.room as RoomId;
  return {
    it,
    world,
    client,
    logins,
    portal,
    room,
    shown: () => world.homeserver.shown(room),
    archived: () => world.homeserver.room(room).archived,
    async unlinks() {
      client().state = { kind: "refused", words: PHONE };
      await client().sink.ended({ kind: "gone", words: PHONE });
      await settle();
    },
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

describe("a device that the phone has unlinked", () => {
  test("closes its chats and says why; linked again, they go on in their rooms", async () => {
    await using at = await begin();
    const { world } = at;
    const [before] = await at.logins();
    await at.unlinks();
    expect(at.archived()).toBe(true);
    expect(at.shown().at(-1)).toBe(`bot: This chat is closed: ${PHONE} Its history stays here.`);
    await world.restart();
    expect(await at.logins()).toHaveLength(1);
    expect(at.archived()).toBe(true);
    await at.it.links(ANA, "+31611");
    expect(await at.logins()).toMatchObject([{ id: before?.id, state: "active" }]);
    expect(at.archived()).toBe(false);
    expect(at.shown().at(-1)).toBe("bot: Quill is linked again: you can write here.");
    await at.client().says("Bram", "Bram-2", "welcome back");
    await world.says(ANA, at.room, "thanks");
    await settle();
    expect((await at.portal("Bram"))?.room).toBe(at.room);
    expect(at.shown().at(-1)).toBe("Bram (Quill): welcome back");
    expect(Array.from(at.client().received.values())).toEqual(["thanks"]);
    // What was said before is known.
    await at.client().brings({
      kind: "delete",
      chat: "Bram" as ChatId,
      sender: "Bram" as PersonId,
      id: "d" as MessageId,
      at: 0,
      target: "Bram-1" as MessageId,
    });
    await settle();
    expect(world.homeserver.room(at.room).events.at(-1)?.send.type).toBe("m.room.redaction");
    // Who left Quill is not back with it.
    const cees = (await at.portal("Cees"))?.room as RoomId;
    expect(world.homeserver.room(cees).archived).toBe(true);
  });

  test("that another account takes the place of keeps its own rooms closed", async () => {
    await using at = await begin();
    await at.unlinks();
    await at.it.links(ANA, "+31622");
    expect(await at.logins()).toHaveLength(2);
    expect(at.archived()).toBe(true);
  });

  test("whose person turns the network off instead keeps nothing", async () => {
    await using at = await begin();
    await at.unlinks();
    const management = await at.world.meets(ANA);
    await at.world.says(ANA, management, "disable quill yes");
    await at.world.clock.advance(60_000);
    expect(await at.logins()).toEqual([]);
    await at.it.links(ANA, "+31611");
    expect(at.archived()).toBe(true);
    expect(await at.portal("Bram")).toBeUndefined();
  });
});
