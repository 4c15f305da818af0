import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import type { EventId, OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Puppets } from "../../src/core/ports/double-puppets.ts";
import { AS_PERSON_KEY, asPerson, CONTENT_KEY, type Homeserver } from "../../src/core/ports/homeserver.ts";
import type { RoomSpec } from "../../src/core/ports/rooms.ts";
import { matrixEncoder } from "../../src/matrix/events/encode.ts";
import type { RoomPerson } from "../kit/memory-person.ts";

interface HomeserverFixture {
  readonly hs: Homeserver;
  readonly ghost: UserId;
  readonly alice: RoomPerson;
  readonly puppets: Puppets;
}

interface Makers {
  readonly spec: (more?: Partial<RoomSpec>) => RoomSpec;
  readonly portal: () => Promise<RoomId>;
}

const POWER = "m.room.power_levels";

/** State, archives, Spaces, events read again, and acting as people. */
export function homeserverRooms(fixture: () => HomeserverFixture, { spec, portal }: Makers): void {
  test("state is set once, read back, and emptied", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const set = (content: object) => hs.setState(hs.bot, room, "com.example.thing", "key", content);
    expect(await hs.getState(room, "com.example.thing", "key")).toBeUndefined();
    await set({});
    expect(await hs.getState(room, "com.example.thing", "key")).toBeUndefined();
    await set({ a: 1 });
    await set({ a: 1 });
    expect(await hs.getState(room, "com.example.thing", "key")).toEqual({ a: 1 });
    const seen = (await alice.events(room)).filter(({ type }) => type === "com.example.thing");
    expect(seen).toHaveLength(1);
    await set({});
    expect(await hs.getState(room, "com.example.thing", "key")).toEqual({});
  });

  test("the bot leaves a room by an event that is sent in its turn", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const row = { room, sender: hs.bot, createdAt: Date.now() };
    const notice = matrixEncoder.notice("I leave.");
    await hs.send({ ...row, ...notice, id: "leave-notice" as OutboxId, stateKey: undefined });
    const content = { membership: "leave" };
    await hs.send({ ...row, type: "m.room.member", content, id: "leave" as OutboxId, stateKey: hs.bot });
    expect((await alice.state(room, "m.room.member", hs.bot))?.["membership"]).toBe("leave");
  });

  test("an archive is read-only for all but the bot, and a reopened one as before", async () => {
    const { hs, alice, ghost } = fixture();
    const room = await portal();
    const before = await alice.state(room, POWER);
    await hs.archiveRoom(room);
    await hs.archiveRoom(room);
    await expect(alice.say(room, "still here?")).rejects.toThrow("M_FORBIDDEN");
    expect(await alice.state(room, POWER)).toMatchObject({ events_default: 100, invite: 100 });
    const late = { ...matrixEncoder.notice("late"), id: "late" as OutboxId, room, createdAt: Date.now() };
    const written = hs.send({ ...late, sender: ghost, stateKey: undefined });
    await expect(written).rejects.toMatchObject({ reason: "forbidden", retryAfter: undefined });
    const row = "archive-notice" as OutboxId;
    const notice = matrixEncoder.notice("This chat is closed.");
    await hs.send({ ...notice, id: row, room, sender: hs.bot, stateKey: undefined, createdAt: Date.now() });
    expect(await hs.members(room)).toEqual(expect.arrayContaining([alice.user, ghost, hs.bot]));
    await hs.reopenRoom(room);
    await hs.reopenRoom(room);
    expect(await alice.state(room, POWER)).toEqual(before);
    await alice.say(room, "here again");
  });

  test("one invitation to a Space is enough for what is in it", async () => {
    const { hs, alice } = fixture();
    const space = await hs.createRoom(spec({ kind: "space", direct: false, name: "Third-party chats" }));
    const inner = await hs.createRoom(
      spec({ kind: "space", direct: false, name: "WhatsApp", within: space }),
    );
    const chat = await hs.createRoom(spec({ within: inner }));
    await expect(alice.join(chat)).rejects.toThrow();
    await hs.invite(hs.bot, alice.user, space, { direct: false });
    for (const room of [space, inner, chat]) await alice.join(room);
    expect(await alice.state(space, "m.room.create")).toMatchObject({ type: "m.space" });
    expect(await alice.state(chat, "m.space.parent", inner)).toMatchObject({ canonical: true });
    await expect(alice.say(inner, "hello")).rejects.toThrow("M_FORBIDDEN");
    await alice.say(chat, "hello");
  });

  test("an event is read again as it was sent, unless it was taken back", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const id = await alice.say(room, "again, please");
    expect(await hs.event(room, id)).toMatchObject({
      kind: "message",
      id,
      room,
      sender: alice.user,
      message: { parts: [{ kind: "text", body: { text: "again, please" } }] },
    });
    expect(await hs.event(room, "$nothing" as EventId)).toBeUndefined();
    await alice.send(room, "m.room.redaction", { redacts: id });
    expect(await hs.event(room, id)).toBeUndefined();
  });

  test("what a ghost said before an event is found, the newest first, and nothing else", async () => {
    const { hs, alice, ghost } = fixture();
    const room = await portal();
    const say = (sender: UserId, body: string, type = "m.room.message") =>
      hs.send({
        id: `${room} ${body}` as OutboxId,
        room,
        sender,
        type,
        stateKey: undefined,
        content: { msgtype: "m.text", body },
        createdAt: Date.now(),
      });
    const [first, second] = [await say(ghost, "one"), await say(ghost, "two", "m.room.encrypted")];
    const own = await alice.say(room, "mine");
    const notice = await say(hs.bot, "a notice");
    await say(ghost, "three");
    expect(await hs.saidBefore(room, own, ghost)).toEqual([second, first]);
    expect(await hs.saidBefore(room, notice, ghost)).toEqual([second, first]);
    expect(await hs.saidBefore(room, first, ghost)).toEqual([]);
    expect(await hs.saidBefore(room, "$nothing" as EventId, ghost)).toEqual([]);
  });

  test("a ghost edits, reacts and takes back", async () => {
    const { hs, alice, ghost } = fixture();
    const room = await portal();
    const said = await alice.say(room, "hello");
    const put = (
      id: string,
      event: { readonly type: string; readonly content: Readonly<Record<string, unknown>> },
    ) =>
      hs.send({
        ...event,
        id: `${room} ${id}` as OutboxId,
        room,
        sender: ghost,
        stateKey: undefined,
        createdAt: Date.now(),
      });
    const reaction = await put("reaction", matrixEncoder.reaction("❤", said));
    expect((await alice.events(room)).at(-1)).toMatchObject({
      type: "m.reaction",
      content: { "m.relates_to": { rel_type: "m.annotation", event_id: said, key: "❤️" } },
    });
    await put("taken back", matrixEncoder.redaction(reaction));
    const events = await alice.events(room);
    expect(events.find(({ event_id: id }) => id === reaction)?.["content"]).toEqual({});
  });

  test("a room that leads to a chat is joined by anybody here, and its alias goes to another", async () => {
    const { hs, alice } = fixture();
    const key = `whatsapp_${randomUUID().slice(0, 8)}`;
    const aliased = { ...spec(), key, kind: "alias" } as const;
    const room = await hs.createRoom(aliased);
    expect(await hs.createRoom(aliased)).toBe(room);
    await alice.join(room);
    await expect(alice.say(room, "hello?")).rejects.toThrow();
    await hs.removeAlias(key);
    await hs.removeAlias(key);
    await hs.putOut(room, alice.user, "It is elsewhere.");
    expect(await hs.members(room)).toEqual([hs.bot]);
    await hs.leave(hs.bot, room);
    expect(await hs.createRoom(aliased)).not.toBe(room);
  });

  test("a person is acted for under the second registration", async () => {
    const { hs, alice, ghost, puppets } = fixture();
    expect(await puppets.installed()).toBe(true);
    const room = await hs.createRoom(spec());
    await hs.invite(hs.bot, alice.user, room, { direct: true });
    await puppets.join(alice.user, room);
    await puppets.join(alice.user, room);
    const said = await alice.say(room, "I am in");
    await puppets.markRead(alice.user, room, said);
    const chats = { ...(await puppets.directChats(alice.user)), [ghost]: [room] };
    await puppets.setDirectChats(alice.user, chats);
    expect(await puppets.directChats(alice.user)).toEqual(chats);
    await puppets.setTag(alice.user, room, "m.favourite", true);
    await puppets.setTag(alice.user, room, "m.favourite", false);
    for (const unread of [true, false]) {
      await puppets.setMarkedUnread(alice.user, room, unread);
      for (const type of ["m.marked_unread", "com.famedly.marked_unread"])
        expect(await alice.roomData(room, type)).toEqual({ unread });
    }
    const stranger = puppets.join("@someone:elsewhere.example" as UserId, room);
    await expect(stranger).rejects.toMatchObject({ reason: "forbidden" });
  });

  test("what is sent as a person is theirs, says which row it is, and is one event for a row", async () => {
    const { hs, alice, puppets } = fixture();
    const room = await portal();
    const row = randomUUID() as OutboxId;
    const by = { id: row, room, sender: alice.user, stateKey: undefined, createdAt: Date.now() };
    const content = {
      msgtype: "m.text",
      body: "from my phone",
      [CONTENT_KEY]: row,
      [AS_PERSON_KEY]: asPerson(alice.user, room),
    };
    const message = { ...by, type: "m.room.message", content };
    const made = await puppets.send(message);
    expect(await puppets.send(message)).toBe(made);
    expect(await hs.findSent(room, alice.user, row, by.createdAt)).toBe(made);
    const relation = { rel_type: "m.annotation", event_id: made, key: "👍" };
    const liked = randomUUID() as OutboxId;
    const reaction = {
      "m.relates_to": relation,
      [CONTENT_KEY]: liked,
      [AS_PERSON_KEY]: asPerson(alice.user, room),
    };
    const reacted = await puppets.send({ ...by, id: liked, type: "m.reaction", content: reaction });
    expect(await hs.event(room, made)).toMatchObject({ kind: "message", sender: alice.user, row });
    expect(await hs.event(room, reacted)).toMatchObject({ kind: "reaction", target: made, row: liked });
    // What is forwarded to another room names no row there.
    const other = await portal();
    const copied = { ...by, id: randomUUID() as OutboxId, room: other, type: "m.room.message", content };
    const forwarded = await hs.event(other, await puppets.send(copied));
    expect(forwarded).toMatchObject({ kind: "message", sender: alice.user });
    expect(forwarded).not.toHaveProperty("row");
    const closed = await hs.createRoom(spec());
    await expect(puppets.send({ ...message, room: closed })).rejects.toMatchObject({ reason: "forbidden" });
  });
}
