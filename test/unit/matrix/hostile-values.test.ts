import { describe, expect, test } from "@jest/globals";
import type { BridgeError } from "../../../src/core/model/errors.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { decodeEphemeral } from "../../../src/matrix/events/decode-ephemeral.ts";
import { faultOfReply } from "../../../src/matrix/http/homeserver-error.ts";

const ours = (): boolean => false;
const said = {
  type: "m.room.message",
  event_id: "$e",
  sender: "@ana:test",
  room_id: "!r:test",
  origin_server_ts: 1_700_000_000_000,
  content: { msgtype: "m.text", body: "hello" },
};
const decoded = (more: object) => decodeEvent({ ...said, ...more }, ours);

const NUMBERS = [Number.NaN, Infinity, 1e300, -1, 0.5, -0, 2 ** 60, "7", null, {}, []];

describe("an event", () => {
  test.each([
    "$".padEnd(256, "e"),
    `$${"é".repeat(128)}`,
    "$a\0b",
    "$a\nb",
    "$\ud800",
    "$",
    "",
    "e",
    7,
    null,
  ])("whose id is %j is no event", (event_id) => {
    expect(decoded({ event_id })).toEqual({ kind: "ignored", why: "malformed" });
  });

  test.each(NUMBERS)("whose time is %p has one that can be stored", (origin_server_ts) => {
    const { event } = decoded({ origin_server_ts }) as { event: { at: number } };
    expect(Number.isSafeInteger(event.at) && event.at >= 0).toBe(true);
  });

  test.each(NUMBERS)("whose file has %p for every number crosses, with numbers that can be", (n) => {
    const info = { size: n, w: n, h: n, duration: n };
    const voice = {
      "org.matrix.msc1767.audio": { duration: n, waveform: [n, n] },
      "org.matrix.msc3245.voice": {},
    };
    const content = { msgtype: "m.audio", body: "v.ogg", url: "mxc://test/1", info, ...voice };
    const { event } = decoded({ content }) as unknown as {
      event: { message: { parts: [{ media: Record<string, unknown> }] } };
    };
    const { media } = event.message.parts[0];
    for (const name of ["size", "width", "height", "seconds"]) {
      const value = media[name];
      expect(value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)).toBe(true);
    }
    for (const bar of media["waveform"] as number[]) expect(bar >= 0 && bar <= 100).toBe(true);
  });

  test.each([
    "geo:1e300,0",
    "geo:NaN,4",
    "geo:91,4",
    "geo:-90.1,0",
    "geo:1,181",
    `geo:${"9".repeat(400)},0`,
    "geo:",
  ])("with a place at %s says that it has none", (geo_uri) => {
    expect(decoded({ content: { msgtype: "m.location", body: "here", geo_uri } })).toMatchObject({
      event: { kind: "unsupported", what: "a location without coordinates" },
    });
  });
});

test("a receipt for what can be no event is none", () => {
  const content = Object.fromEntries(
    ["$e", "e", "$".padEnd(300, "x"), "$\0"].map((id) => [id, { "m.read": { "@ana:test": {} } }]),
  );
  expect(decodeEphemeral({ type: "m.receipt", room_id: "!r:test", content }, ours)).toMatchObject([
    { event: "$e" },
  ]);
});

test.each<[unknown, number]>([
  [1_500, 1_500],
  [Number.NaN, 0],
  [1e300, 300_000],
  [-5, 0],
  ["soon", 0],
])("a homeserver that asks to wait %p is left alone for %d ms", (retry_after_ms, wait) => {
  const body = { errcode: "M_LIMIT_EXCEEDED", retry_after_ms };
  const error: BridgeError = faultOfReply({ status: 429, retryAfter: undefined, body });
  expect(error.retryAfter).toBe(wait);
});
