import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readContact } from "../../../../src/networks/signal/storage/contact-record.ts";
import {
  ContactRecordSchema,
  ManifestRecordSchema,
  StorageItemsSchema,
  StorageManifestSchema,
  StorageRecordSchema,
} from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { decodeWhole } from "../../../../src/networks/signal/wire/protobuf.ts";
import { onlyWireErrors } from "../wire/expect-wire-error.ts";

const ID = new Uint8Array(16);
const bytes = (length: number) => fc.uint8Array({ maxLength: length });
const anyContact = fc.record(
  {
    aci: fc.string(),
    aciBinary: fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes(20)),
    pni: fc.string(),
    pniBinary: bytes(20),
    e164: fc.string(),
    profileKey: bytes(40),
    username: fc.string(),
    givenName: fc.string(),
    familyName: fc.string(),
    systemGivenName: fc.string(),
    systemFamilyName: fc.string(),
    systemNickname: fc.string(),
    nickname: fc.record({ given: fc.string(), family: fc.string() }),
    mutedUntilTimestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    blocked: fc.boolean(),
    whitelisted: fc.boolean(),
  },
  { requiredKeys: [] },
);

function read(record: Uint8Array): void {
  const { record: what } = decodeWhole(StorageRecordSchema, record);
  if (what.case !== "contact") return;
  const contact = readContact(what.value, ID);
  if (contact === undefined) return;
  const { mutedUntil } = contact.stored;
  expect(Number.isSafeInteger(mutedUntil) && mutedUntil >= 0).toBe(true);
  expect(contact.person).toMatch(/^(?:pni\.)?[0-9a-f]{8}-[0-9a-f-]{27}$/);
}

test("a record with anything in every field of a contact, whole, cut or changed, is refused or is somebody's", () => {
  fc.assert(
    fc.property(anyContact, fc.nat(), fc.nat({ max: 255 }), (fields, at, byte) => {
      const contact = create(ContactRecordSchema, fields);
      const whole = toBinary(
        StorageRecordSchema,
        create(StorageRecordSchema, { record: { case: "contact", value: contact } }),
      );
      read(whole);
      onlyWireErrors(() => read(whole.subarray(0, at % whole.length)));
      const changed = whole.map((before, index) => (index === at % whole.length ? byte : before));
      onlyWireErrors(() => read(changed));
    }),
    { numRuns: 500 },
  );
});

test("random bytes are refused, or are a manifest, items or a record", () => {
  fc.assert(
    fc.property(bytes(400), (noise) => {
      for (const schema of [ManifestRecordSchema, StorageManifestSchema, StorageItemsSchema])
        onlyWireErrors(() => decodeWhole(schema, noise));
      onlyWireErrors(() => read(noise));
    }),
    { numRuns: 500 },
  );
});
