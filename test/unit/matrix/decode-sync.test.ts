import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { UserId } from "../../../src/core/model/ids.ts";
import { decodeSync, sinceBotEntered } from "../../../src/matrix/inbound/decode-sync.ts";

const bot = "@bot:x" as UserId;
const said = (id: string): object => ({ event_id: id, type: "m.room.message" });
const moved = (membership: string, before?: string): object => ({
  type: "m.room.member",
  state_key: bot,
  content: { membership },
  ...(before === undefined ? {} : { unsigned: { prev_content: { membership: before } } }),
});

describe("since the bot came to a room", () => {
  const [a, b, c] = [said("a"), said("b"), said("c")];
  const [invite, join] = [moved("invite"), moved("join", "invite")];

  test("all of a room it was in before", () => {
    expect(sinceBotEntered([a, b], bot)).toEqual([a, b]);
    expect(sinceBotEntered([a, moved("join", "join"), b], bot)).toEqual([a, moved("join", "join"), b]);
  });

  test("nothing that was said before it was invited", () => {
    expect(sinceBotEntered([a, invite, b, join, c], bot)).toEqual([b, join, c]);
  });

  test("an invitation it has not followed", () => {
    const again = moved("invite", "leave");
    expect(sinceBotEntered([invite, join, a, moved("leave", "join"), again], bot)).toEqual([
      join,
      a,
      moved("leave", "join"),
      again,
    ]);
  });
});

describe("an answer of /sync", () => {
  test("says where to page back from only where there was more", () => {
    const room = (limited: boolean): object => ({ timeline: { events: [], limited, prev_batch: "p" } });
    const body = { next_batch: "n", rooms: { join: { "!a": room(true), "!b": room(false) } } };
    expect(decodeSync(body, bot, () => false)).toEqual({
      next: "n",
      rooms: [
        { room: "!a", raw: [], before: "p", left: false },
        { room: "!b", raw: [], before: undefined, left: false },
      ],
      invites: [],
    });
  });

  test("no JSON value makes it throw", () => {
    const keys = fc.constantFrom(
      "next_batch",
      "rooms",
      "join",
      "leave",
      "invite",
      "timeline",
      "events",
      "invite_state",
    );
    const value = fc.letrec((tie) => ({
      json: fc.oneof(fc.jsonValue(), fc.dictionary(keys, tie("json"))),
    })).json;
    fc.assert(
      fc.property(value, value, (rooms, invite) => {
        decodeSync({ next_batch: "n", rooms }, bot, () => false);
        decodeSync(
          { next_batch: "n", rooms: { invite: { "!a": invite }, join: { "!a": invite } } },
          bot,
          () => false,
        );
      }),
    );
  });
});
