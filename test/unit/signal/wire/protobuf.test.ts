import { toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { countFields } from "../../../../src/networks/signal/wire/count-fields.ts";
import { AttachmentPointerSchema } from "../../../../src/networks/signal/wire/gen/attachment_pb.js";
import { ContentSchema, ReceiptMessageSchema } from "../../../../src/networks/signal/wire/gen/content_pb.js";
import {
  StorageItemsSchema,
  StorageRecordSchema,
} from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { decodeProtobuf, decodeWhole } from "../../../../src/networks/signal/wire/protobuf.ts";
import { messageOf } from "../../wire/protobuf-fields.ts";
import { reasonOf } from "./expect-wire-error.ts";

describe("protobufs", () => {
  test("that are written back keep what a later version put there", () => {
    const contact = messageOf([6, "Ada"], [99, "of the future"]);
    const bytes = messageOf([1, contact], [77, 5]);
    expect([...toBinary(StorageRecordSchema, decodeWhole(StorageRecordSchema, bytes))]).toEqual([...bytes]);
  });

  test("longer than any of Signal's, or of more fields, are refused unread", () => {
    const long = new Uint8Array(16 * 1024 * 1024 + 1);
    const many = (count: number) => Buffer.concat(Array.from({ length: count }, () => messageOf([1, ""])));
    expect(reasonOf(() => decodeWhole(StorageRecordSchema, long))).toBe("too-long");
    expect(reasonOf(() => decodeProtobuf(StorageRecordSchema, long.subarray(0, 330_000)))).toBe("too-long");
    expect(reasonOf(() => decodeWhole(StorageItemsSchema, many(200_001)))).toBe("too-long");
    expect(reasonOf(() => decodeProtobuf(StorageItemsSchema, many(8_001)))).toBe("too-long");
    expect(decodeProtobuf(StorageItemsSchema, many(8_000)).items).toHaveLength(8_000);
  });
});

describe("the fields of a message", () => {
  const most = 1_000;

  test("are counted with those of the messages in it, and numbers in a row one by one", () => {
    const item = messageOf([1, "key"], [2, "value"]);
    expect(countFields(StorageItemsSchema, messageOf([1, item], [1, item], [99, item]), most)).toBe(7);
    const packed = messageOf([1, 0], [2, Uint8Array.of(1, 2, 3)]);
    expect(countFields(ReceiptMessageSchema, packed, most)).toBe(5);
    const fixed = Buffer.concat([
      Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8, 0x65, 1, 2, 3, 4),
      messageOf([3, "key"]),
    ]);
    expect(countFields(AttachmentPointerSchema, fixed, most)).toBe(3);
  });

  test("are counted as far as there are any, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const count = countFields(ContentSchema, noise, most);
        expect(count).toBeLessThanOrEqual(most + 300);
        let parsed: unknown;
        try {
          parsed = decodeProtobuf(ContentSchema, noise);
        } catch {
          return;
        }
        expect(count > 0).toBe(noise.length > 0);
        expect(parsed).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});
