import { describe, expect, test } from "@jest/globals";
import type { ChatId, LoginId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const asks = async ({ world, management }: GroupFlow, text: string): Promise<string> => {
  await world.says(ANA, management, text);
  return world.homeserver.shown(management).at(-1) ?? "";
};

const words = (text: string) => ({
  parts: [{ kind: "text", style: "text", body: plainText(text) }],
});

/** A group of Ana's, who verified Carla of it, with whom she has a chat of two too. */
async function withVerifiedCarla() {
  const flow = await GroupFlow.open();
  const { room } = flow;
  await flow.client.says("Carla", "d", "just us");
  await settle();
  await asks(flow, "verified whatsapp Carla");
  return { flow, room };
}

describe("in a group", () => {
  test("what is written waits for the person's word where a member whom they verified has another number", async () => {
    await using flow = await GroupFlow.open();
    const { room } = flow;
    const shown = () => flow.homeserver.shown(room.id);
    await flow.client.says("Carla", "d", "just us");
    await settle();
    const [login] = await flow.world.store.logins.of(ANA, flow.world.network.id);
    const id = login?.id as LoginId;
    await flow.world.store.write((tx) =>
      tx.contacts.setTrust(id, "Carla" as PersonId, "Carla" as ChatId, "verified"),
    );
    await flow.group.does("Dirk", "x1", { kind: "identity-changed" });
    await flow.world.says(ANA, room.id, "fine");
    expect(flow.client.taken).toHaveLength(1);
    await flow.group.does("Carla", "x2", { kind: "identity-changed" });
    await settle();
    const said = shown().filter((line) => line.includes("safety number changed"));
    expect(said).toEqual([
      expect.stringMatching(/^bot: Dirk's safety number changed\..* If it matters who reads along/),
      expect.stringMatching(
        /^bot: Carla's safety number changed\..* nothing is sent to this group until you write “verify whatsapp Carla”/,
      ),
    ]);
    await flow.world.says(ANA, room.id, "secret");
    expect(flow.client.taken).toHaveLength(1);
    expect(shown().at(-1)).toMatch(
      /Carla, who is in this group, has another safety number than you verified\. Write “verify whatsapp Carla”/,
    );
    // It is said of her alone: once she is out, the group goes on.
    await flow.group.moves("Bram", "out", [{ person: "Carla" as PersonId, membership: "left" }]);
    await flow.world.says(ANA, room.id, "without her");
    expect(flow.client.taken).toHaveLength(2);
    await flow.group.moves("Bram", "in", [{ person: "Carla" as PersonId, membership: "joined" }]);
    await asks(flow, "verify whatsapp Carla");
    await asks(flow, "verify whatsapp Carla yes");
    await flow.world.says(ANA, room.id, "with her");
    expect(flow.client.taken).toHaveLength(3);
  });

  test("a changed number that the network tells in the chat of two alone is told in each group where they are, once", async () => {
    const { flow: opened, room } = await withVerifiedCarla();
    await using flow = opened;
    const work = flow.world.network.group("Work", { Eva: "owner", Carla: "member" }, [ANA]);
    const club = flow.world.network.group("Club", { Eva: "owner" }, [ANA]);
    for (const group of [work, club]) await group.says("Eva", `in ${group.name}`, `hello ${group.name}`);
    await settle();
    const roomOf = ({ name }: typeof work) =>
      Array.from(flow.homeserver.rooms.values()).find(({ id }) =>
        flow.homeserver.shown(id).includes(`Eva: hello ${name}`),
      )?.id as RoomId;
    const told = (id: RoomId) => flow.homeserver.shown(id).filter((line) => line.includes("safety number"));
    const direct = { chat: "Carla" as ChatId, sender: "Carla" as PersonId, at: 0 };
    for (const id of ["x1", "x2", "x3"] as MessageId[])
      await flow.client.brings({ ...direct, id, kind: "identity-changed" });
    await settle();
    const words =
      "bot: Carla's safety number changed. They may have a new phone or installed the app again. You had verified the old one, so nothing is sent to this group until you write “verify whatsapp Carla” to the bot and agree.";
    expect([told(room.id), told(roomOf(work)), told(roomOf(club))]).toEqual([[words], [words], []]);
    // Nobody has a chat of two with Dirk.
    const dirk = { chat: "Dirk" as ChatId, sender: "Dirk" as PersonId, at: 0, id: "y" as MessageId };
    await flow.client.brings({ ...dirk, kind: "identity-changed" });
    await settle();
    expect(told(room.id)).toEqual([words, expect.stringMatching(/^bot: Dirk's .* If it matters/)]);
    expect(told(roomOf(work))).toEqual([words]);
  });

  test("in a room of several people of ours it is said who had verified a member, and to the others that it changed once", async () => {
    const { flow: opened, room } = await withVerifiedCarla();
    await using flow = opened;
    await flow.world.optsIn(BEN);
    await flow.group.movesOurs("Bram", "b", BEN, "joined");
    await flow.group.says("Bram", "2", "hello Ben");
    await settle();
    const direct = { chat: "Carla" as ChatId, sender: "Carla" as PersonId, at: 0, id: "x" as MessageId };
    for (const user of [ANA, BEN])
      await flow.world.network.clientOf(user).brings({ ...direct, kind: "identity-changed" });
    await settle();
    expect(flow.homeserver.shown(room.id).filter((line) => line.includes("safety number"))).toEqual([
      `bot: Carla's safety number changed. They may have a new phone or installed the app again. ${ANA} had verified the old one, so nothing that they write is sent to this group until they write “verify whatsapp Carla” to the bot and agree.`,
      "bot: Carla's safety number changed. They may have a new phone or installed the app again. If it matters who reads along, ask them by another way.",
    ]);
  });

  test("what was not sent meanwhile is offered with the person's word, in the group too", async () => {
    const { flow: opened, room } = await withVerifiedCarla();
    await using flow = opened;
    await flow.group.does("Carla", "x", { kind: "identity-changed" });
    await settle();
    const secret = flow.world.text(ANA, room.id, "secret");
    flow.homeserver.written.set(secret.id, secret);
    await flow.world.push(secret);
    expect(flow.client.taken).toEqual([]);
    expect(flow.homeserver.shown(room.id).at(-1)).toMatch(
      /^bot: ⚠️ Not delivered\. Carla, who is in this group, .* agree\. Reply to this with “retry” to send it again\.$/,
    );
    await flow.client.says("Dirk", "dd", "of another");
    const said = await asks(flow, "unverified whatsapp Carla");
    expect(said).toBe(
      "bot: Carla is not verified. You can write to them; if their number changes you are told. What you wrote meanwhile was not sent: write “retry whatsapp Family” to send it now.",
    );
    await asks(flow, "retry whatsapp Family");
    await settle();
    expect(flow.client.taken).toMatchObject([{ kind: "message", message: words("secret") }]);
    expect(await asks(flow, "unverified whatsapp Carla")).not.toContain("retry");
  });

  test("a member whose number changed gets nothing again without the person's word, and the others do", async () => {
    const { flow: opened, room } = await withVerifiedCarla();
    await using flow = opened;
    await flow.world.says(ANA, room.id, "dinner?");
    const [id] = Array.from(flow.client.received.keys());
    const again = (who: string) => flow.client.sink.again(flow.chat, id as MessageId, who as PersonId);
    await flow.group.does("Carla", "x", { kind: "identity-changed" });
    expect([await again("Carla"), await again("Carla"), await again("Dirk")]).toEqual([
      "held",
      "held",
      expect.objectContaining({ kind: "message" }),
    ]);
    await settle();
    expect(flow.homeserver.shown(room.id).filter((line) => line.includes("could not read this"))).toEqual([
      "bot: Carla could not read this and does not get it again, as they have another safety number than you verified; the others have it. Write “verify whatsapp Carla” to the bot to compare it and agree: they get what you write from then on.",
    ]);
    expect(flow.homeserver.shown(room.id).filter((line) => line.includes("Not delivered"))).toEqual([]);
    await asks(flow, "unverified whatsapp Carla");
    expect(await again("Carla")).toMatchObject({ kind: "message" });
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    expect([await again("Carla"), await again("Dirk")]).toEqual([undefined, undefined]);
  });

  test("an admin deletes what others wrote, a member only their own", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.says("Dirk", "2", "spam");
    await flow.group.says("Carla", "3", "words");
    await settle();
    const has = (text: string) => flow.room.timeline.some(({ content }) => content["body"] === text);
    await flow.group.does("Dirk", "del1", { kind: "delete", target: "3" as MessageId });
    await settle();
    expect(has("words")).toBe(true);
    await flow.group.does("Carla", "del2", { kind: "delete", target: "2" as MessageId });
    await settle();
    expect(has("spam")).toBe(false);
    await flow.group.does("Bram", "r", {
      kind: "group-roles",
      changes: [{ person: "Carla" as PersonId, role: "member" }],
    });
    await flow.group.does("Carla", "del3", { kind: "delete", target: "1" as MessageId });
    await settle();
    expect(has("hello")).toBe(true);
  });

  test("is closed with words while the network grants no writing there, and opened again, also after a crash", async () => {
    await using flow = await GroupFlow.open();
    const closed = "WhatsApp does not let third parties into groups now.";
    const grant = (why: string | undefined): void =>
      flow.client.sink.capabilities(() => (why === undefined ? ALL : { ...ALL, closed: why }));
    grant(closed);
    grant(closed);
    await settle();
    expect(flow.room.archived).toBe(true);
    expect(flow.shown.slice(-1)).toEqual([`bot: ${closed}`]);
    await flow.world.crash();
    await flow.client.sink.resumed();
    await settle();
    expect(flow.room.archived).toBe(true);
    grant(closed);
    grant(undefined);
    await settle();
    expect(flow.room.archived).toBe(false);
    expect(flow.shown.slice(-2)).toEqual([
      `bot: ${closed}`,
      "bot: This chat is open again: you can write here.",
    ]);
    grant(undefined);
    await settle();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    grant(closed);
    grant(undefined);
    await settle();
    expect(flow.room.archived).toBe(true);
  });
});
