import { describe, expect, test } from "@jest/globals";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";

const base = { event_id: "$e", room_id: "!r", sender: "@alice:x", origin_server_ts: 5 };
const decode = (more: object): unknown => decodeEvent({ ...base, ...more }, () => false);
const event = (rest: object): object => ({
  kind: "event",
  event: { id: "$e", room: "!r", sender: "@alice:x", at: 5, ...rest },
});

describe("what a room is", () => {
  const state = (type: string, content: unknown): unknown => decode({ type, state_key: "", content });

  test("is its name, topic and avatar, none where they are of no such kind", () => {
    expect(state("m.room.name", { name: "Friends" })).toEqual(event({ kind: "room-name", name: "Friends" }));
    expect(state("m.room.topic", { topic: "a\nb" })).toEqual(event({ kind: "room-topic", topic: "a\nb" }));
    expect(state("m.room.avatar", { url: "mxc://x/y" })).toEqual(
      event({ kind: "room-avatar", uri: "mxc://x/y" }),
    );
    for (const content of [
      {},
      null,
      { name: 5, topic: [], url: "https://x/y" },
      { url: `mxc://${"y".repeat(600)}` },
    ]) {
      expect(state("m.room.name", content)).toEqual(event({ kind: "room-name", name: "" }));
      expect(state("m.room.topic", content)).toEqual(event({ kind: "room-topic", topic: "" }));
      expect(state("m.room.avatar", content)).toEqual(event({ kind: "room-avatar", uri: "" }));
    }
    expect(state("m.room.name", { name: "x".repeat(60_000) })).toEqual(
      event({ kind: "room-name", name: "x".repeat(4_096) }),
    );
  });

  test("is who has which power, without what names nobody or is no level", () => {
    const users = {
      "@a:x": 50,
      "@b:x": "75",
      "@c:x": 1.5,
      "@d:x": null,
      ana: 100,
      ["@" + "e".repeat(300)]: 1,
    };
    expect(state("m.room.power_levels", { users, users_default: -5 })).toEqual(
      event({ kind: "power-levels", levels: { "@a:x": 50, "@b:x": 75 }, others: -5, needs: {} }),
    );
    for (const content of [{}, null, { users: [], users_default: "many", events: 5, kick: {} }])
      expect(state("m.room.power_levels", content)).toEqual(
        event({ kind: "power-levels", levels: {}, others: 0, needs: {} }),
      );
  });

  test("is whether anybody may come in, or read it", () => {
    const opens = (type: string, content: unknown, open: boolean) =>
      expect(state(type, content)).toEqual(event({ kind: "room-access", open }));
    opens("m.room.join_rules", { join_rule: "public" }, true);
    opens("m.room.history_visibility", { history_visibility: "world_readable" }, true);
    for (const rule of ["invite", "knock", "restricted", 5])
      opens("m.room.join_rules", { join_rule: rule }, false);
    for (const content of [{ history_visibility: "shared" }, {}, null])
      opens("m.room.history_visibility", content, false);
  });

  test("is what each act needs, of an event's type apart from an act of that name", () => {
    const content = { kick: 50, invite: "0", ban: 1.5, events: { kick: 75, "m.room.name": 50, x: "many" } };
    expect(state("m.room.power_levels", content)).toEqual(
      event({
        kind: "power-levels",
        levels: {},
        others: 0,
        needs: { kick: 50, invite: 0, "events.kick": 75, "events.m.room.name": 50 },
      }),
    );
  });
});
