import { toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { StorageRecordSchema } from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { decodeProtobuf, decodeWhole } from "../../../../src/networks/signal/wire/protobuf.ts";
import { messageOf } from "../../wire/protobuf-fields.ts";
import { reasonOf } from "./expect-wire-error.ts";

describe("protobufs", () => {
  test("that are written back keep what a later version put there", () => {
    const contact = messageOf([6, "Ada"], [99, "of the future"]);
    const bytes = messageOf([1, contact], [77, 5]);
    expect([...toBinary(StorageRecordSchema, decodeWhole(StorageRecordSchema, bytes))]).toEqual([...bytes]);
    const short = toBinary(StorageRecordSchema, decodeProtobuf(StorageRecordSchema, bytes));
    expect([...short]).toEqual([...messageOf([1, messageOf([6, "Ada"])])]);
  });

  test("longer than any of Signal's are refused unread", () => {
    expect(reasonOf(() => decodeWhole(StorageRecordSchema, new Uint8Array(400_000)))).toBe("too-long");
  });
});
