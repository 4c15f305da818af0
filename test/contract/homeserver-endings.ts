import { describe, expect, test } from "@jest/globals";
import type { OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Homeserver } from "../../src/core/ports/homeserver.ts";
import { needsIn } from "../../src/matrix/events/decode-state.ts";
import { matrixEncoder } from "../../src/matrix/events/encode.ts";
import type { RoomPerson } from "../kit/memory-person.ts";

interface HomeserverFixture {
  readonly hs: Homeserver;
  readonly ghost: UserId;
  readonly alice: RoomPerson;
}

const LEVELS = "m.room.power_levels";

/** Rooms that can be used no more, and what takes their place. */
export function homeserverEndings(fixture: () => HomeserverFixture, portal: () => Promise<RoomId>): void {
  /** Alice may do all that a person may; not the bot's power itself, which nobody can take in every room version. */
  const empower = async (room: RoomId): Promise<void> => {
    const { hs, alice } = fixture();
    const levels = (await hs.getState(room, LEVELS, "")) ?? {};
    const users = { ...(levels["users"] as object), [alice.user]: 100 };
    await hs.setState(hs.bot, room, LEVELS, "", { ...levels, users });
  };
  const condition = (room: RoomId) => {
    const { hs, ghost, alice } = fixture();
    return hs.roomCondition(room, { writer: ghost, reader: alice.user });
  };

  describe("a room's condition", () => {
    test("is usable, also for who is not in it yet", async () => {
      const { hs } = fixture();
      const room = await portal();
      expect(await condition(room)).toEqual({ kind: "usable", weak: false });
      expect(await hs.roomCondition(room, { writer: hs.ghostId("nobody yet") })).toMatchObject({
        kind: "usable",
      });
    });

    test("says to who wants to bridge the room who made it, who is in it, and what the bot lacks", async () => {
      const { hs, alice } = fixture();
      const room = await portal();
      const plain = {
        madeBy: hs.bot,
        administered: false,
        missing: undefined,
        unusable: false,
        encrypted: false,
        unreadable: false,
        open: false,
        writable: true,
        bridgedElsewhere: false,
        people: [alice.user],
      };
      expect(await hs.roomUse(room, alice.user)).toEqual(plain);
      await empower(room);
      await hs.setState(hs.bot, room, "m.bridge", "other", { bridgebot: "@other:bridge.example" });
      await hs.setState(hs.bot, room, "m.room.join_rules", "", { join_rule: "public" });
      const levels = await hs.getState(room, LEVELS, "");
      await hs.setState(hs.bot, room, LEVELS, "", { ...levels, events_default: 50 });
      expect(await hs.roomUse(room, alice.user)).toEqual({
        ...plain,
        administered: true,
        open: true,
        writable: false,
        bridgedElsewhere: true,
      });
      await hs.leave(hs.bot, room);
      for (const it of [room, "!no:test" as RoomId]) expect(await hs.roomUse(it, alice.user)).toBeUndefined();
    });

    test("is barred where the ghost is banned, and not for others", async () => {
      const { hs, ghost, alice } = fixture();
      const room = await portal();
      await empower(room);
      await alice.ban(room, ghost);
      expect(await condition(room)).toEqual({ kind: "barred" });
      expect(await hs.roomCondition(room, { reader: alice.user })).toMatchObject({ kind: "usable" });
      await expect(hs.invite(hs.bot, ghost, room, { direct: false })).rejects.toMatchObject({
        reason: "forbidden",
      });
    });

    test("is barred where the ghost may not write", async () => {
      const { hs } = fixture();
      const room = await portal();
      const levels = (await hs.getState(room, LEVELS, "")) ?? {};
      await hs.setState(hs.bot, room, LEVELS, "", { ...levels, events_default: 50 });
      expect(await condition(room)).toEqual({ kind: "barred" });
    });

    test("is shut where the bot is not in it, or there is no such room", async () => {
      const { hs } = fixture();
      const room = await portal();
      await hs.leave(hs.bot, room);
      expect(await condition(room)).toEqual({ kind: "shut" });
      expect(await condition("!no-such-room" as RoomId)).toEqual({ kind: "shut" });
    });

    test("is replaced where somebody with power upgraded it, and the other room names it", async () => {
      const { hs, alice } = fixture();
      const room = await portal();
      await empower(room);
      const next = await alice.upgrade(room);
      expect(await condition(room)).toEqual({ kind: "replaced", by: next, at: expect.any(Number) });
      await expect(hs.join(hs.bot, next)).rejects.toMatchObject({ reason: "forbidden" });
      await alice.invite(next, hs.bot);
      await hs.join(hs.bot, next);
      expect(await hs.getState(next, "m.room.create", "")).toMatchObject({ predecessor: { room_id: room } });
      // Of room version 12 on the one who upgrades is the creator, and the one before is not.
      expect(await condition(next)).toEqual({ kind: "usable", weak: true });
    });

    test("is replaced by a room of the bot's that was made after it", async () => {
      const { hs } = fixture();
      const room = await portal();
      const key = `after-${room
        .slice(1, 9)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, "")}`;
      const next = await hs.createRoom({ key, direct: true, kind: "portal", state: [], predecessor: room });
      const content = { body: "elsewhere", replacement_room: next };
      await hs.setState(hs.bot, room, "m.room.tombstone", "", content);
      expect(await condition(room)).toMatchObject({ kind: "replaced", by: next });
      expect(await hs.getState(next, "m.room.create", "")).toMatchObject({ predecessor: { room_id: room } });
    });
  });

  test("the bot takes somebody out of a room, who may be asked in again", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    expect(await hs.members(room)).toContain(alice.user);
    await hs.putOut(room, alice.user, "You are no longer in this group.");
    await hs.putOut(room, alice.user, "You are no longer in this group.");
    expect(await hs.members(room)).not.toContain(alice.user);
    await hs.invite(hs.bot, alice.user, room, { direct: false });
    expect(await hs.members(room)).toContain(alice.user);
  });

  test("our ghosts get the power they are given, never above the bot's, in a read-only room too", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    await empower(room);
    const ghost = hs.ghostId("powers");
    const usersIn = async () => ((await hs.getState(room, LEVELS, "")) ?? {})["users"];
    const before = await usersIn();
    const powers = (level: number) => ({
      ghosts: new Map(level === 0 ? [] : [[ghost, level]]),
      people: new Map(),
      writes: 0,
      changes: 0,
      roles: 50,
    });
    await hs.setPowers(room, powers(50));
    expect(await usersIn()).toEqual({ ...Object(before), [ghost]: 50 });
    await hs.archiveRoom(room);
    await hs.setPowers(room, powers(1_000));
    await hs.reopenRoom(room);
    expect(await usersIn()).toEqual({ ...Object(before), [ghost]: 100 });
    await hs.setPowers(room, powers(0));
    expect(await usersIn()).toEqual(before);
    expect(before).toMatchObject({ [alice.user]: 100 });
  });

  test("who may write in a group and change it is the room's rule, also in one that is reopened", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const rule = (writes: number, changes: number, power: number) =>
      hs.setPowers(room, {
        ghosts: new Map(),
        people: new Map([[alice.user, power]]),
        writes,
        changes,
        roles: 50,
      });
    const needed = async () => {
      const { events, invite } = Object(await alice.state(room, LEVELS));
      return [events["m.room.name"], events["m.room.topic"], events["m.room.avatar"], invite];
    };
    await rule(0, 0, 0);
    expect(await needed()).toEqual([0, 0, 0, 0]);
    const said = await alice.say(room, "all may write");
    await rule(50, 50, 0);
    expect(await needed()).toEqual([50, 50, 50, 50]);
    await expect(alice.say(room, "not I")).rejects.toThrow("M_FORBIDDEN");
    await alice.send(room, "m.reaction", {
      "m.relates_to": { rel_type: "m.annotation", event_id: said, key: "👍" },
    });
    await hs.archiveRoom(room);
    await rule(50, 75, 50);
    await expect(alice.say(room, "closed")).rejects.toThrow("M_FORBIDDEN");
    await hs.reopenRoom(room);
    await alice.say(room, "an admin may");
    expect(await needed()).toEqual([75, 75, 75, 75]);
    await rule(0, 50, 0);
    await alice.say(room, "all may again");
  });

  test("what acts need in a group's room is what its power levels name then", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const needs = { writes: 50, changes: 75, roles: 50 };
    await hs.setPowers(room, { ghosts: new Map(), people: new Map([[alice.user, 75]]), ...needs });
    const given = Object.fromEntries(needsIn(await alice.state(room, LEVELS)));
    expect(await hs.isRuledBy(room, needs, given)).toBe(true);
    for (const changed of [{ kick: 75 }, { "events.m.reaction": 50 }, { "events.m.room.message": 0 }])
      expect(await hs.isRuledBy(room, needs, { ...given, ...changed })).toBe(false);
    const { "events.m.reaction": _, ...without } = given;
    expect(await hs.isRuledBy(room, needs, without)).toBe(false);
  });

  test("a ghost that may not write is refused, and given the power sends under the same row", async () => {
    const { hs, ghost, alice } = fixture();
    const room = await portal();
    const powers = (...writers: readonly UserId[]) =>
      hs.setPowers(room, {
        ghosts: new Map(writers.map((user) => [user, 50])),
        people: new Map(),
        writes: 50,
        changes: 50,
        roles: 50,
      });
    await powers();
    const id = `late-${room.slice(1, 9)}` as OutboxId;
    const late = { ...matrixEncoder.notice("late"), id, room, createdAt: Date.now(), sender: ghost };
    const write = () => hs.send({ ...late, stateKey: undefined });
    await expect(write()).rejects.toMatchObject({ reason: "forbidden" });
    await powers(ghost);
    const event = await write();
    await powers();
    expect(await write()).toBe(event);
    await expect(alice.say(room, "not I")).rejects.toThrow("M_FORBIDDEN");
  });

  test("a room that is closed, opened and given power at the same moment is as if one came after the other", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const powers = (power: number) =>
      hs.setPowers(room, {
        ghosts: new Map(),
        people: new Map([[alice.user, power]]),
        writes: 50,
        changes: 50,
        roles: 50,
      });
    await powers(50);
    await Promise.all([hs.archiveRoom(room), powers(0), hs.reopenRoom(room), powers(50)]);
    await alice.say(room, "open, and an admin");
    await Promise.all([
      powers(0),
      hs.archiveRoom(room),
      hs.reopenRoom(room),
      powers(50),
      hs.archiveRoom(room),
    ]);
    await expect(alice.say(room, "closed")).rejects.toThrow("M_FORBIDDEN");
    await Promise.all([powers(0), hs.reopenRoom(room), powers(50)]);
    await alice.say(room, "open again");
  });

  test("a group's admin may change who has which power, and the bot undoes what they give beside that", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    const ghost = hs.ghostId("promoted");
    const give = (role: number) =>
      hs.setPowers(room, {
        ghosts: new Map([[ghost, role]]),
        people: new Map([[alice.user, 50]]),
        writes: 0,
        changes: 50,
        roles: 50,
      });
    await give(0);
    const levels = await alice.state(room, LEVELS);
    const users = { ...Object(levels)["users"], [ghost]: 50, [`@nobody:${hs.serverName}`]: 50 };
    await alice.setState(room, LEVELS, { ...Object(levels), users, kick: 0, users_default: 25 });
    expect(await hs.getState(room, LEVELS, "")).toMatchObject({ users, kick: 0, users_default: 25 });
    await give(50);
    const after = Object(await hs.getState(room, LEVELS, ""));
    expect(after).toMatchObject({ kick: 50, users_default: 0, users: { [ghost]: 50, [alice.user]: 50 } });
    expect(after.users).not.toHaveProperty([`@nobody:${hs.serverName}`]);
    expect(after.events).toMatchObject({ [LEVELS]: 50, "m.room.encryption": 100, "m.room.tombstone": 100 });
  });

  test("a room somebody else made gets a portal's power levels, and its users keep theirs", async () => {
    const { hs, alice } = fixture();
    const room = await portal();
    await empower(room);
    const levels = (await hs.getState(room, LEVELS, "")) ?? {};
    await hs.setState(hs.bot, room, LEVELS, "", { ...levels, events_default: 50, invite: 50 });
    await hs.adoptRoom(room);
    await hs.adoptRoom(room);
    expect(await hs.getState(room, LEVELS, "")).toMatchObject({
      events_default: 0,
      invite: 0,
      users: { [alice.user]: 100 },
    });
    expect(await condition(room)).toEqual({ kind: "usable", weak: false });
  });
}
