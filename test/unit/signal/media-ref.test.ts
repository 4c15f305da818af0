import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  attachmentRef,
  profilePictureRef,
  readMediaRef,
} from "../../../src/networks/signal/media/media-ref.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const pointers = fc.record(
  {
    cdn: fc.constantFrom(0, 2, 3),
    cdnKey: fc.string({ minLength: 1 }),
    key: bytes(64),
    digest: bytes(32),
    size: fc.nat(),
    uploadedAt: fc.nat(),
  },
  { requiredKeys: ["cdn", "cdnKey", "key", "digest", "size"] },
);

test("a reference of an attachment is read as it was made", () => {
  fc.assert(
    fc.property(pointers, (pointer) => {
      const { cdnKey, key, ...same } = pointer;
      const read = readMediaRef(attachmentRef(pointer) ?? "");
      expect(read).toEqual({ ...same, key: cdnKey, encryptionKey: key });
    }),
  );
});

test("a pointer without what is needed to fetch and verify the file has none", () => {
  const whole = { cdn: 3, cdnKey: "k", key: new Uint8Array(64), digest: new Uint8Array(32), size: 1 };
  const { cdnKey: _, ...placeless } = whole;
  const { key: __, ...locked } = whole;
  const { digest: ___, ...unproved } = whole;
  for (const lacking of [placeless, locked, unproved, { ...whole, key: new Uint8Array(32) }])
    expect(attachmentRef(lacking)).toBeUndefined();
});

test("a reference of a profile's picture is read as it was made", () => {
  const profileKey = new Uint8Array(32).fill(7);
  expect(readMediaRef(profilePictureRef("profiles/abc", profileKey))).toEqual({
    profilePicture: "profiles/abc",
    profileKey,
  });
});

// What a row of a database may hold: a change of the form must go on reading these.
const zeros = (length: number) => Buffer.alloc(length).toString("base64url");
const stored = { cdn: 3, key: "k", encryptionKey: zeros(64), digest: zeros(32), size: 5 };

test("references that this version has stored stay readable", () => {
  expect(readMediaRef(JSON.stringify(stored))).toEqual({
    ...stored,
    encryptionKey: new Uint8Array(64),
    digest: new Uint8Array(32),
  });
  const picture = { profilePicture: "profiles/abc", profileKey: zeros(32) };
  expect(readMediaRef(JSON.stringify(picture))).toMatchObject({ profilePicture: "profiles/abc" });
});

test.each([
  ["no JSON", "{"],
  ["a short key", JSON.stringify({ ...stored, encryptionKey: zeros(63) })],
  ["a long digest", JSON.stringify({ ...stored, digest: zeros(33) })],
  ["a negative size", JSON.stringify({ ...stored, size: -1 })],
  ["no place", JSON.stringify({ ...stored, key: "" })],
])("what is no reference is refused: %s", (_, json) => {
  expect(() => readMediaRef(json)).toThrow();
});
