import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Puppets } from "../../src/core/ports/double-puppets.ts";
import { CONTENT_KEY, type EventToSend, type Homeserver } from "../../src/core/ports/homeserver.ts";
import type { RoomSpec } from "../../src/core/ports/rooms.ts";
import type { RoomPerson } from "../kit/memory-person.ts";

import { homeserverEndings } from "./homeserver-endings.ts";
import { homeserverMedia } from "./homeserver-media.ts";
import { homeserverRooms } from "./homeserver-rooms.ts";

export interface HomeserverUnderTest extends AsyncDisposable {
  readonly homeserver: Homeserver;
  readonly puppets: Puppets;
  person(localpart: string): RoomPerson | Promise<RoomPerson>;
  /** As an administrator of the homeserver does. */
  deactivate(user: UserId, erase: boolean): unknown;
  lock(user: UserId): unknown;
}

/** What every Homeserver must do, as a person in the room sees it. */
export function homeserverContract(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`a homeserver: ${name}`, () => {
    let world: HomeserverUnderTest;
    let hs: Homeserver;
    let alice: RoomPerson;
    let ghost: UserId;

    beforeAll(async () => {
      world = await start();
      hs = world.homeserver;
      alice = await world.person("alice");
      ghost = hs.ghostId("abc123");
      await hs.register(hs.bot);
      await hs.register(ghost);
    }, 180_000);
    afterAll(async () => world[Symbol.asyncDispose]());

    const spec = (more: Partial<RoomSpec> = {}): RoomSpec => ({
      key: randomUUID(),
      direct: true,
      kind: "portal",
      state: [],
      ...more,
    });

    const event = (room: RoomId, sender: UserId, body: string, id = randomUUID()): EventToSend => ({
      id: id as OutboxId,
      room,
      sender,
      type: "m.room.message",
      stateKey: undefined,
      content: { msgtype: "m.text", body, "m.mentions": {}, [CONTENT_KEY]: id },
      createdAt: Date.now(),
    });

    /** A room with the ghost and Alice in it. */
    async function portal(): Promise<RoomId> {
      const room = await hs.createRoom(spec());
      await hs.invite(hs.bot, ghost, room, { direct: false });
      await hs.join(ghost, room);
      await hs.invite(ghost, alice.user, room, { direct: true });
      await alice.join(room);
      return room;
    }

    const bodies = async (room: RoomId): Promise<unknown[]> =>
      (await alice.events(room))
        .filter(({ type }) => type === "m.room.message")
        .map(({ content }) => (content as { body?: unknown }).body);

    test("tells its own users from others", () => {
      expect(hs.isOurs(hs.bot)).toBe(true);
      expect(hs.isOurs(ghost)).toBe(true);
      expect(hs.isOurs(alice.user)).toBe(false);
    });

    test("a ghost's id is the same for the same words, and tells nothing of them", () => {
      const whose = "whatsapp 31612345678@s.whatsapp.net";
      expect(hs.ghostId(whose)).toBe(hs.ghostId(whose));
      expect(hs.ghostId(`${whose} `)).not.toBe(hs.ghostId(whose));
      expect(hs.ghostId(whose)).toMatch(/^@_tpc_[0-9a-f]{16}:/);
      expect(hs.isOurs(hs.ghostId(whose))).toBe(true);
    });

    test("registering again is harmless", async () => {
      await expect(hs.register(ghost)).resolves.toBeUndefined();
    });

    test("makes one room a key, where a ghost invites a person to a direct chat", async () => {
      const wanted = spec({ name: "Bob", topic: "WhatsApp chat with Bob" });
      const room = await hs.createRoom(wanted);
      expect(await hs.createRoom(wanted)).toBe(room);
      expect(await hs.members(room)).toEqual([hs.bot]);
      await hs.invite(hs.bot, ghost, room, { direct: false });
      await hs.join(ghost, room);
      await hs.join(ghost, room);
      await hs.invite(ghost, alice.user, room, { direct: true });
      await hs.invite(ghost, alice.user, room, { direct: true });
      expect(new Set(await hs.members(room))).toEqual(new Set([hs.bot, ghost, alice.user]));
      await alice.join(room);
      expect(await alice.state(room, "m.room.name")).toEqual({ name: "Bob" });
      expect(await alice.state(room, "m.room.canonical_alias")).toEqual({});
      const invited = (await alice.events(room)).find(
        ({ type, sender, state_key }) =>
          type === "m.room.member" && sender === ghost && state_key === alice.user,
      );
      expect(invited?.["content"]).toMatchObject({ membership: "invite", is_direct: true });
    });

    test("nobody but the bot may switch encryption on, and the room tells so", async () => {
      const room = await portal();
      expect(await hs.isUnreadable(room)).toBe(false);
      const asked = alice.setState(room, "m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
      await expect(asked).rejects.toThrow("M_FORBIDDEN");
    });

    test("an event sent twice under one id is there once, in the order of sending", async () => {
      const room = await portal();
      const first = event(room, ghost, "one");
      const id = await hs.send(first);
      await hs.send(event(room, ghost, "two"));
      expect(await hs.send(first)).toBe(id);
      expect(await bodies(room)).toEqual(["one", "two"]);
    });

    test("finds an event by the id in its content", async () => {
      const room = await portal();
      const sent = event(room, ghost, "find me");
      const before = Date.now();
      expect(await hs.findSent(room, ghost, sent.id, before)).toBeUndefined();
      const id = await hs.send(sent);
      expect(await hs.findSent(room, ghost, sent.id, before)).toBe(id);
      expect(await hs.findSent(room, hs.bot, sent.id, before)).toBeUndefined();
    });

    test("a ghost that lost its place in the room is brought back by a send", async () => {
      const room = await portal();
      await hs.leave(ghost, room, "Goodbye.");
      expect(await alice.state(room, "m.room.member", ghost)).toMatchObject({
        membership: "leave",
        reason: "Goodbye.",
      });
      await hs.leave(ghost, room);
      await hs.send(event(room, ghost, "back again"));
      expect(await bodies(room)).toEqual(["back again"]);
    });

    test("state is sent under its key", async () => {
      const room = await portal();
      const named = {
        ...event(room, hs.bot, ""),
        type: "m.room.name",
        stateKey: "",
        content: { name: "New" },
      };
      expect(await hs.send(named)).toBe(await hs.send(named));
      expect(await alice.state(room, "m.room.name")).toEqual({ name: "New" });
    });

    test("what is too large is refused for good", async () => {
      const room = await portal();
      const failure = await hs.send(event(room, ghost, "x".repeat(70_000))).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BridgeError);
      expect(failure).toMatchObject({ reason: "too-large", certain: true, retryAfter: undefined });
    });

    test("a display name is what members see", async () => {
      await hs.setDisplayName(ghost, "Bob (WhatsApp)");
      const room = await portal();
      expect(await alice.state(room, "m.room.member", ghost)).toMatchObject({
        displayname: "Bob (WhatsApp)",
      });
    });

    test("an avatar is what members see, and setting it again is no event", async () => {
      const uri = await hs.reserveMedia(hs.bot);
      await hs.setAvatar(ghost, uri);
      await hs.setAvatar(ghost, uri);
      const room = await portal();
      expect(await alice.state(room, "m.room.member", ghost)).toMatchObject({ avatar_url: uri });
    });

    test.each([false, true])(
      "an account that was closed is told from one that is not (erased: %p)",
      async (erase) => {
        const { puppets } = world;
        const carol = await world.person(`carol${erase ? 2 : 1}`);
        const room = await hs.createRoom(spec());
        await hs.invite(hs.bot, carol.user, room, { direct: true });
        await carol.join(room);
        expect([await puppets.account(carol.user), await hs.hasProfile(carol.user)]).toEqual([
          "active",
          true,
        ]);
        await world.deactivate(carol.user, erase);
        expect(await puppets.account(carol.user)).toBe("deactivated");
        expect(await hs.hasProfile(carol.user)).toBe(!erase);
      },
    );

    test("an account that is locked is not closed", async () => {
      const dan = await world.person("dan");
      await world.lock(dan.user);
      expect(await world.puppets.account(dan.user)).toBe("locked");
      expect(await hs.hasProfile(dan.user)).toBe(true);
    });

    homeserverMedia(() => ({ hs, ghost, alice }));
    homeserverEndings(() => ({ hs, ghost, alice }), portal);
    homeserverRooms(() => ({ hs, ghost, alice, puppets: world.puppets }), { spec, portal });

    test("receipts and typing are taken", async () => {
      const room = await portal();
      const said: EventId = await alice.say(room, "hello");
      await hs.markRead(hs.bot, room, said);
      await hs.setTyping(ghost, room, true);
      await hs.setTyping(ghost, room, false);
    });
  });
}
