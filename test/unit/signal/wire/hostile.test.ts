import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ChatId, PersonId, UserId } from "../../../../src/core/model/ids.ts";
import { syncEvents } from "../../../../src/networks/signal/convert/sync-events.ts";
import { toBridge } from "../../../../src/networks/signal/convert/to-bridge.ts";
import type { Content } from "../../../../src/networks/signal/wire/content.ts";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { encodeContent } from "../../../../src/networks/signal/wire/encode-content.ts";
import { WireError } from "../../../../src/networks/signal/wire/errors.ts";
import { unpad } from "../../../../src/networks/signal/wire/padding.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { type FieldOf, messageOf } from "../../wire/protobuf-fields.ts";
import { content } from "./arbitrary-content.ts";
import { onlyWireErrors, reasonOf } from "./expect-wire-error.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001" as PersonId;
const own = "bbbbbbbb-0000-4000-8000-000000000002" as PersonId;
const time = 1_700_000_000_000;
const context = { own, user: "@me:example.org" as UserId, names: new Map([[ada, "n".repeat(500)]]) };
const place = { chat: ada as string as ChatId, author: ada, timestamp: time, at: time };

/** All that is made of a message's bytes: its events. */
function made(bytes: Uint8Array) {
  const { body }: Content = decodeContent(bytes);
  if (body.kind === "data" || body.kind === "edit") return [toBridge(place, body, context)];
  if (body.kind !== "sync") return [];
  const { sync } = body;
  if (sync.kind === "sent" && sync.sent.kind !== "story") return [toBridge(place, sync.sent, context)];
  return sync.kind === "read" || sync.kind === "deleteForMe"
    ? syncEvents(sync, { own, timestamp: 1, at: 1 })
    : [];
}

describe("hostile content", () => {
  test("of random bytes is refused, or says something", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => onlyWireErrors(() => made(noise))),
      { numRuns: 1_000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => onlyWireErrors(() => made(unpad(noise)))));
  });

  test("that was cut or changed on the way is refused, or says something in this chat", () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.nat({ max: 255 }), (sent, at, byte) => {
        const whole = encodeContent(sent);
        onlyWireErrors(() => made(whole.subarray(0, at % whole.length)));
        const changed = whole.map((before, index) => (index === at % whole.length ? byte : before));
        onlyWireErrors(() => {
          const isPlaced = (event: { readonly chat: string } | undefined) =>
            event === undefined || event.chat !== "";
          expect(made(changed).every(isPlaced)).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["a message without a time", [1, messageOf([1, "x"])]],
    ["a message of a time beyond all clocks", [1, messageOf([7, 8.64e15 + 1], [1, "x"])]],
    ["a reaction to nothing", [1, messageOf([7, time], [16, messageOf([1, "x"])])]],
    ["a reaction to a phone number", [1, messageOf([7, time], [16, messageOf([4, `PNI:${ada}`], [5, 5])])]],
    ["a deletion of nothing", [1, messageOf([7, time], [17, ""])]],
    ["a vote without a poll", [1, messageOf([7, time], [26, ""])]],
    ["an edit of nothing", [11, messageOf([2, messageOf([7, time], [1, "x"])])]],
    ["an edit without words", [11, messageOf([1, 5])]],
    ["a sync of contacts without a file", [2, messageOf([2, ""])]],
    ["typing without a time", [6, ""]],
  ] as const)("%s is malformed", (_, field) => {
    expect(reasonOf(() => made(messageOf(field)))).toBe("malformed");
  });

  const LARGEST = 320 * 1024 - 100;
  const many = (count: number, ...unit: FieldOf): Uint8Array => {
    const bytes = messageOf(unit);
    return Buffer.concat(Array.from({ length: Math.min(count, LARGEST / bytes.length) }, () => bytes));
  };
  const data = (...pieces: readonly Uint8Array[]) =>
    messageOf([1, Buffer.concat([messageOf([7, time]), ...pieces])]);
  const body = (words: string) => messageOf([1, words]);
  const style = (kind: number) => messageOf([1, 3], [2, 900], [4, kind]);

  /** The most fields that are taken, and far more. */
  const COUNTS = [7_900, 400_000];
  const rows: readonly (readonly [string, (count: number) => Uint8Array])[] = [
    ["styles", (count) => data(body("ab\r\n".repeat(300)), many(count / 4, 18, style(1)))],
    ["empty styles", (count) => data(body("x"), many(count, 18, ""))],
    [
      "mentions",
      (count) => data(body("\ufffc".repeat(9_000)), many(count / 3, 18, messageOf([2, 1], [3, ada]))),
    ],
    ["files", (count) => data(many(count, 2, ""))],
    ["previews", (count) => data(body("x"), many(count / 2, 10, body("x")))],
    ["contacts", (count) => data(many(count, 9, ""))],
    ["phones of a contact", (count) => data(messageOf([9, many(count, 3, "")]))],
    ["choices of a poll", (count) => data(messageOf([24, many(count, 3, "")]))],
    [
      "chosen answers",
      (count) =>
        data(messageOf([26, Buffer.concat([messageOf([1, uuidBytes(ada)], [2, 5]), many(count, 3, 1)])])),
    ],
    [
      "quoted styles",
      (count) =>
        data(body("x"), messageOf([8, Buffer.concat([messageOf([1, 5], [5, ada]), many(count, 6, "")])])),
    ],
    ["read messages", (count) => messageOf([2, many(count / 3, 5, messageOf([2, 5], [3, ada]))])],
    ["receipts", (count) => messageOf([5, many(count, 2, 1)])],
    [
      "receipts in a row",
      (count) => messageOf([5, messageOf([2, new Uint8Array(Math.min(count, LARGEST)).fill(1)])]),
    ],
    [
      "deletions",
      (count) => messageOf([2, messageOf([22, many(count / 3, 1, messageOf([1, ""], [2, ""]))])]),
    ],
    ["unknown fields", (count) => many(count, 999, 1)],
    ["line ends", () => data(body("\r".repeat(LARGEST)), messageOf([18, style(1)]))],
    [
      "styled lines",
      () => data(body("a\n".repeat(1_900)), ...[1, 2, 3, 4, 5].map((kind) => many(300, 18, style(kind)))),
    ],
  ];

  /** Milliseconds of this thread's own processor time, the least of a few runs. */
  function cost(bytes: Uint8Array): number {
    const runs = Array.from({ length: 5 }, () => {
      const before = process.threadCpuUsage();
      try {
        made(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1_000;
    });

    return Math.min(...runs);
  }

  test.each(rows)("%s, however many, take less than 50 ms", (_, bytes) => {
    for (const count of COUNTS) expect(cost(bytes(count))).toBeLessThan(50);
  });

  test.each([
    ["styles", style(1)],
    ["empty styles", new Uint8Array()],
  ] as const)("of a million %s is refused unread: in no time, and without an object for any", (_, one) => {
    const unit = Buffer.from(messageOf([18, one]));
    const styles = Buffer.alloc(unit.length * 1_000_000, unit);
    const quote = Buffer.concat([messageOf([1, 5], [5, ada])]);
    const edited = messageOf([11, Buffer.concat([messageOf([1, 5]), messageOf([2, styles])])]);
    for (const bytes of [data(body("x"), styles), edited, data(body("x"), messageOf([8, quote]), styles)]) {
      expect(bytes.length).toBeGreaterThan(2_000_000);
      const before = process.memoryUsage().heapUsed;
      expect(reasonOf(() => made(bytes))).toBe("too-long");
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
      expect(cost(bytes)).toBeLessThan(50);
    }
  });

  test("of more fields than anybody sends is refused unread", () => {
    const files = (count: number) => data(many(count, 2, ""));
    expect(reasonOf(() => made(files(8_000)))).toBe("too-long");
    expect(made(files(7_900))).toHaveLength(1);
  });
});
