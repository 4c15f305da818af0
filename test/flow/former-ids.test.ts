import { describe, expect, test } from "@jest/globals";
import type { Part } from "../../src/core/model/content.ts";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

type MediaPart = Extract<Part, { kind: "media" }>;

const NUMBER = "pni.1";
const id = (name: string) => name as MessageId;

const by = (who: string, name: string) =>
  ({ chat: who as ChatId, sender: who as PersonId, id: id(name), at: 0 }) as const;

/** The account `Bram` proves that the number is theirs. */
const joined = (name = "j"): RemoteEvent => ({
  ...by("Bram", name),
  kind: "joined",
  senderName: "Bram",
  was: { chat: NUMBER as ChatId, person: NUMBER as PersonId },
});

const message = (who: string, text: string): RemoteEvent => ({
  ...by(who, text),
  kind: "message",
  senderName: who,
  message: said(text),
});

/** Ana writes to somebody of whom only the number is known. */
async function begin() {
  const world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  const contact = {
    chat: NUMBER as ChatId,
    person: NUMBER as PersonId,
    name: "+31 6",
    reachability: "reachable",
  };
  world.network.contacts.set("+316", { kind: "found", contact: contact as never });
  await world.says(ANA, management, "start-chat whatsapp +316");
  const { room } = await world.portal(ANA, NUMBER);
  const first = await world.says(ANA, room, "is that you?");
  const sent = () => Array.from(world.network.clientOf(ANA).received.keys()).at(-1) as MessageId;
  return {
    world,
    client,
    management,
    room,
    first,
    sent,
    shown: (where: RoomId = room) => world.homeserver.shown(where),
    async brings(...events: readonly RemoteEvent[]) {
      await world.network.clientOf(ANA).brings(...events);
      await settle();
    },
    ghostIn: (where: RoomId) =>
      Array.from(world.homeserver.room(where).members).flatMap(([user, is]) =>
        is === "join" && world.homeserver.isOurs(user) && user !== world.homeserver.bot ? [user] : [],
      ),
    events: (where: RoomId = room) => world.homeserver.room(where).events,
    async makes() {
      return world.portal(ANA, "Bram");
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe("a number that is proved to be an account's", () => {
  test("has a message of several files edited and deleted as one, that came before", async () => {
    await using it = await begin();
    const [one, two] = ["one", "two"].map((name) => {
      it.world.network.files.set(name, new Uint8Array(3));
      const source = { at: "network", ref: name } as const;
      return { kind: "media", media: { kind: "file", mimetype: "text/plain", name, source } } as const;
    }) as [MediaPart, MediaPart];
    const parts = [{ ...one, caption: plainText("the words") }, two];
    await it.brings({ ...by(NUMBER, "m"), kind: "message", senderName: NUMBER, message: { parts } });
    const shown = it
      .events()
      .slice(-2)
      .map(({ event }) => event);
    await it.brings(joined());
    await it.brings({ ...by("Bram", "e"), kind: "edit", target: id("m"), message: said("better words") });
    const edit = it.events().findLast(({ send }) => "m.new_content" in send.content);
    expect(edit?.send.content["m.relates_to"]).toMatchObject({ event_id: shown[0] });
    const redacted = () =>
      it.events().flatMap(({ send }) => (send.type === "m.room.redaction" ? [send.content["redacts"]] : []));
    expect(redacted()).toEqual([]);
    await it.brings({ ...by("Bram", "d"), kind: "delete", target: id("m") });
    expect(new Set(redacted())).toEqual(new Set([...shown, edit?.event]));
  });

  test("keeps its room, its ghost and its messages, under the account's name", async () => {
    await using it = await begin();
    const [before] = it.ghostIn(it.room);
    await it.brings(joined(), message("Bram", "yes, me"));
    expect((await it.makes()).room).toBe(it.room);
    await expect(it.world.portal(ANA, NUMBER)).rejects.toThrow("no portal");
    expect(it.ghostIn(it.room)).toEqual([before]);
    expect(it.shown().slice(-2)).toEqual([
      "bot: It is proved that this is Bram, whom you knew here by another address until now. The chat goes on in this room.",
      "Bram: yes, me",
    ]);
    const { state } = it.world.homeserver.room(it.room);
    expect(state.get("m.room.name ")).toEqual({ name: "Bram (WhatsApp)" });
    expect(state.get("m.bridge thirdpartychats://whatsapp/Bram")).toMatchObject({ channel: { id: "Bram" } });
    expect(state.get(`m.bridge thirdpartychats://whatsapp/${NUMBER}`)).toEqual({});
    expect(state.has("com.beeper.room_features thirdpartychats://whatsapp/Bram")).toBe(true);
    // What was written before is answered, reacted to and read as ever.
    const mine = it.sent();
    await it.brings({ ...by("Bram", "r"), kind: "reaction", target: mine, own: true, emoji: "👍" });
    expect(it.events().at(-1)?.send.content).toMatchObject({
      "m.relates_to": { event_id: it.first, key: "👍" },
    });
    await it.world.says(ANA, it.room, "good");
    expect(it.world.network.clientOf(ANA).taken).toHaveLength(2);
    expect(it.world.errors).toEqual([]);
  });

  test("is the same contact by either id, also after a restart", async () => {
    await using it = await begin();
    const mine = it.sent();
    await it.brings(joined());
    for (const when of ["at once", "after a restart"]) {
      if (when !== "at once") await it.world.restart();
      const client = it.world.network.clientOf(ANA);
      await it.brings(message(NUMBER, `by number ${when}`), message("Bram", `by account ${when}`));
      expect(it.shown().slice(-2)).toEqual([`Bram: by number ${when}`, `Bram: by account ${when}`]);
      await client.sink.receipt({
        chat: NUMBER as ChatId,
        person: NUMBER as PersonId,
        kind: "read",
        ids: [mine],
      });
      await settle();
      expect(it.world.homeserver.reads.at(-1)).toMatchObject({ event: it.first, as: it.ghostIn(it.room)[0] });
      client.sink.signal({
        kind: "typing",
        chat: NUMBER as ChatId,
        sender: NUMBER as PersonId,
        active: true,
        voice: false,
      });
      await settle();
      expect(it.world.homeserver.typing.at(-1)).toEqual({ as: it.ghostIn(it.room)[0], active: true });
      await it.world.says(ANA, it.management, "start-chat whatsapp +316");
      expect((await it.makes()).room).toBe(it.room);
      await expect(it.world.portal(ANA, NUMBER)).rejects.toThrow("no portal");
    }
    // Told once more, it changes nothing.
    const before = it.events().length;
    await it.brings(joined("again"));
    expect(it.events().filter(({ send }) => send.type === "m.room.message")).toHaveLength(it.shown().length);
    expect(it.events().length - before).toBeLessThan(12);
    expect(it.ghostIn(it.room)).toHaveLength(1);
  });

  test("takes along what waits on either side, across a crash, in order and once", async () => {
    await using it = await begin();
    const client = it.world.network.clientOf(ANA);
    client.state = { kind: "waiting", words: "away" };
    await it.world.says(ANA, it.room, "waits");
    it.world.homeserver.away = true;
    await client.brings(message(NUMBER, "one"), message(NUMBER, "two"));
    await client.brings(joined(), message("Bram", "three"));
    await it.world.crash();
    it.world.homeserver.away = false;
    it.world.bridge.homeserverBack();
    await it.world.clock.advance(120_000);
    expect(it.shown().filter((line) => !line.startsWith("bot: "))).toEqual([
      "Bram: one",
      "Bram: two",
      "Bram: three",
    ]);
    expect(Array.from(it.world.network.clientOf(ANA).received.values())).toEqual(["is that you?", "waits"]);
    expect(await it.world.store.networkInbox.count()).toBe(0);
    expect(await it.world.store.networkOutbox.count()).toBe(0);
  });

  test("brings two chats together: the older room stays, the other leads there", async () => {
    await using it = await begin();
    await it.world.clock.advance(60_000);
    await it.brings(message("Bram", "hello from my account"));
    const { room: younger } = await it.makes();
    expect(younger).not.toBe(it.room);
    const other = it.events(younger).find(({ send }) => send.content["body"] === "hello from my account");
    await it.brings(joined(), message("Bram", "one chat"));
    expect((await it.makes()).room).toBe(it.room);
    expect(it.shown().at(-1)).toBe("Bram: one chat");
    expect(it.shown().join("\n")).toContain("It is proved that this is Bram");
    expect(it.world.homeserver.room(younger).state.get("m.room.tombstone ")).toMatchObject({
      replacement_room: it.room,
    });
    expect(it.ghostIn(it.room)).toHaveLength(1);
    // Who writes in the other room is told where the chat is, and what was written there can still be taken back.
    await it.world.says(ANA, younger, "still here?");
    expect(it.shown(younger).at(-1)).toMatch(/goes on|another room/);
    await it.brings({ ...by("Bram", "d"), kind: "delete", target: id("hello from my account") });
    expect(it.events(younger).at(-1)?.send).toMatchObject({
      type: "m.room.redaction",
      content: { redacts: other?.event },
    });
  });

  test("stays another's to whom nothing was proved", async () => {
    await using it = await begin();
    await it.world.optsIn(BEN);
    await it.world.network.clientOf(BEN).brings(message(NUMBER, "hi Ben"));
    await settle();
    const theirs = await it.world.portal(BEN, NUMBER);
    const [ghost] = it.ghostIn(it.room);
    await it.brings(joined(), message("Bram", "yes, me"));
    expect((await it.makes()).room).toBe(it.room);
    const [mine, ...rest] = it.ghostIn(it.room);
    expect(rest).toEqual([]);
    expect(mine).not.toBe(ghost);
    await it.world.network.clientOf(BEN).brings(message(NUMBER, "still me"));
    await settle();
    expect((await it.world.portal(BEN, NUMBER)).room).toBe(theirs.room);
    expect(it.ghostIn(theirs.room)).toEqual([ghost]);
    expect(it.shown(theirs.room).at(-1)).toBe(`${NUMBER}: still me`);
    expect(it.shown().at(-1)).toBe("Bram: yes, me");
  });

  test("is whom a block on the phone means that names the number", async () => {
    await using it = await begin();
    await it.brings(joined());
    const blocked = { kind: "blocked", person: NUMBER as PersonId, blocked: true, at: 0 } as const;
    await it.brings({ ...blocked, chat: NUMBER as ChatId, sender: undefined, id: id("b") });
    expect(it.shown().at(-1)).toMatch(/^bot: You blocked Bram on another device/);
  });

  test("is somebody new to whoever meets the number later", async () => {
    await using it = await begin();
    const [ghost] = it.ghostIn(it.room);
    await it.brings(joined(), message("Bram", "yes, me"));
    await it.world.optsIn(BEN);
    await it.world.network.clientOf(BEN).brings(message(NUMBER, "hi Ben"));
    await settle();
    const theirs = await it.world.portal(BEN, NUMBER);
    const [other] = it.ghostIn(theirs.room);
    expect(other).toBeDefined();
    expect(other).not.toBe(ghost);
    expect(it.shown(theirs.room)).toEqual([`${NUMBER}: hi Ben`]);
    expect(it.world.errors).toEqual([]);
  });

  test("stays blocked, muted and in the person's keeping; whom they verified they verify anew", async () => {
    await using it = await begin();
    const { store } = it.world;
    const [login] = await store.logins.of(ANA, it.world.network.id);
    const key = { login: login?.id ?? ("" as never), chat: NUMBER as ChatId };
    await store.write((tx) => {
      tx.contacts.setBlocked(key.login, NUMBER as PersonId, key.chat, true);
      tx.contacts.setTrust(key.login, NUMBER as PersonId, key.chat, "verified");
      tx.records.set(`login/${key.login}/muted`, NUMBER, "muted");
    });
    await it.brings(joined());
    expect(await store.contacts.get(key.login, "Bram" as PersonId)).toMatchObject({
      chat: "Bram",
      blocked: true,
      trust: "changed",
    });
    expect(await store.contacts.get(key.login, NUMBER as PersonId)).toBeUndefined();
    expect(await store.records.get(`login/${key.login}/muted`, "Bram")).toBe("muted");
  });
});
