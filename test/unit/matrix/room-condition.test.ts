import { describe, expect, test } from "@jest/globals";
import type { UserId } from "../../../src/core/model/ids.ts";
import { conditionOf } from "../../../src/matrix/homeserver/room-condition.ts";

const BOT = "@bot:a" as UserId;
const GHOST = "@ghost:a" as UserId;
const ANA = "@ana:a" as UserId;
const ROOT = "@root:a" as UserId;

const state = (type: string, content: object, key = "", sender: string = BOT) => ({
  type,
  state_key: key,
  sender,
  content,
  origin_server_ts: 7,
});
const members = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([user, membership]) => state("m.room.member", { membership }, user, user));

interface Made {
  readonly version?: string | undefined;
  readonly creator?: string;
  readonly more?: object;
  readonly levels?: object | undefined;
  readonly in?: Readonly<Record<string, string>>;
  readonly extra?: readonly object[];
}

const room = (made: Made) => [
  state(
    "m.room.create",
    { ...(made.version === undefined ? {} : { room_version: made.version }), ...made.more },
    "",
    made.creator ?? BOT,
  ),
  ...(made.levels === undefined ? [] : [state("m.room.power_levels", made.levels)]),
  ...members({ [BOT]: "join", [GHOST]: "join", [ANA]: "join", ...made.in }),
  ...(made.extra ?? []),
];
const judged = (made: Made) => conditionOf(room(made), BOT, { writer: GHOST, reader: ANA });

const usable = { kind: "usable", weak: false };
const weak = { kind: "usable", weak: true };
const tombstone = (sender: string, by: unknown) => ({
  extra: [state("m.room.tombstone", { replacement_room: by }, "", sender)],
});

describe("a room's condition, by its state", () => {
  test.each<readonly [string, Made, object]>([
    ["version 10, the bot at 100", { version: "10", levels: { users: { [BOT]: 100 } } }, usable],
    ["version 11, the bot at 100", { version: "11", levels: { users: { [BOT]: 100 } } }, usable],
    ["version 11, the creator without a level", { version: "11", levels: { users: {} } }, weak],
    ["version 12, the bot its creator", { version: "12", levels: { users: {} } }, usable],
    ["version 13 is no less", { version: "13", levels: { users: {} } }, usable],
    ["version 12, another its creator", { version: "12", creator: ROOT, levels: { users: {} } }, weak],
    [
      "version 12, the bot one of several creators",
      { version: "12", creator: ROOT, more: { additional_creators: [BOT] }, levels: { users: {} } },
      usable,
    ],
    [
      "a version with a name of its own",
      { version: "org.example.12", levels: { users: { [BOT]: 100 } } },
      usable,
    ],
    ["no power levels: the creator has all", {}, usable],
    ["a Space, where nobody sees what is written", { more: { type: "m.space" } }, { kind: "barred" }],
    [
      "levels written as text, as before version 10",
      { levels: { users: { [BOT]: "100" }, events_default: "0" } },
      usable,
    ],
    [
      "a level for state asks more than the bot has",
      { version: "11", levels: { users: { [BOT]: 50 }, events: { "m.room.power_levels": 100 } } },
      weak,
    ],
    ["the ghost is banned", { version: "12", levels: {}, in: { [GHOST]: "ban" } }, { kind: "barred" }],
    ["the ghost left and can be asked back", { version: "12", levels: {}, in: { [GHOST]: "leave" } }, usable],
    [
      "the ghost left and nobody may ask it back",
      { version: "11", levels: { users: { [BOT]: 0 }, invite: 50 }, in: { [GHOST]: "leave" } },
      { kind: "barred" },
    ],
    ["our person is banned", { version: "12", levels: {}, in: { [ANA]: "ban" } }, { kind: "barred" }],
    ["our person left", { version: "12", levels: {}, in: { [ANA]: "leave" } }, usable],
    ["contacts may not write", { version: "12", levels: { events_default: 1 } }, { kind: "barred" }],
    [
      "contacts may write messages, if nothing else",
      { version: "12", levels: { events_default: 50, events: { "m.room.message": 0 } } },
      usable,
    ],
    ["the bot left", { version: "12", levels: {}, in: { [BOT]: "leave" } }, { kind: "shut" }],
    ["the bot is banned", { version: "12", levels: {}, in: { [BOT]: "ban" } }, { kind: "shut" }],
    ["the bot is only invited", { version: "12", levels: {}, in: { [BOT]: "invite" } }, { kind: "shut" }],
    [
      "upgraded by the creator",
      { version: "12", levels: {}, ...tombstone(BOT, "!next") },
      { kind: "replaced", by: "!next", at: 7 },
    ],
    [
      "upgraded by somebody with the power",
      { version: "11", levels: { users: { [ROOT]: 100 } }, ...tombstone(ROOT, "!next") },
      { kind: "replaced", by: "!next", at: 7 },
    ],
    ["a tombstone by somebody without it", { version: "12", levels: {}, ...tombstone(ANA, "!trap") }, usable],
    [
      "a tombstone below what is asked for it",
      {
        version: "12",
        levels: { users: { [ROOT]: 50 }, events: { "m.room.tombstone": 100 } },
        ...tombstone(ROOT, "!trap"),
      },
      usable,
    ],
    ...[undefined, "", 5, "#alias:a"].map((by): readonly [string, Made, object] => [
      `a tombstone that names no room (${String(by)})`,
      { version: "12", levels: {}, ...tombstone(BOT, by) },
      { kind: "replaced", by: undefined, at: 7 },
    ]),
  ])("%s", (_what, made, wanted) => {
    expect(judged(made)).toEqual(wanted);
  });

  test("nothing in it that is not as it should be does harm", () => {
    for (const odd of [null, 5, "x", [], {}, { type: "m.room.power_levels", state_key: "", content: 7 }]) {
      expect(conditionOf([odd, ...room({ version: "12" })], BOT, { writer: GHOST })).toEqual(usable);
      expect(conditionOf([odd], BOT, {})).toEqual({ kind: "shut" });
    }
  });
});
