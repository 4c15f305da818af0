import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  GROUP_SERVER,
  type GroupDescription,
  groupNode,
  isGroup,
  membersHash,
  readGroup,
} from "../../../src/networks/meta-interop/wire/groups.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../../src/networks/meta-interop/wire/stanza-decode.ts";
import { encodeStanza } from "../../../src/networks/meta-interop/wire/stanza-encode.ts";

const jid = fc.oneof(
  fc.integer({ min: 1, max: 999_999_999 }).map((user) => `${user}@s.whatsapp.net`),
  fc.integer({ min: 1, max: 999_999_999 }).map((user) => `12-${user}@interop`),
);
const words = fc.string({ unit: "grapheme", maxLength: 40 });
const group: fc.Arbitrary<GroupDescription> = fc.record({
  id: fc.integer({ min: 1, max: 999_999_999 }).map((gid) => `${gid}@${GROUP_SERVER}`),
  creator: jid,
  subject: words,
  description: words,
  picture: fc.option(fc.constant(node("picture", { direct_path: "/x", length: "4" })), { nil: undefined }),
  announcement: fc.boolean(),
  locked: fc.boolean(),
  members: fc.array(
    fc.record({
      jid,
      part: fc.constantFrom("member", "admin", "superadmin"),
      name: fc.option(words, { nil: undefined }),
    }),
    { maxLength: 8 },
  ),
});

test("a group survives the wire", () => {
  fc.assert(
    fc.property(group, (sent) => {
      const read = readGroup(decodeStanza(encodeStanza(groupNode(sent))));
      expect(read).toEqual(sent);
    }),
  );
});

test("what names no group is none, and participants without an address are left out", () => {
  for (const id of ["", "g.us", "1@s.whatsapp.net", "12-3@interop", "1:2@g.us"]) {
    expect(isGroup(id)).toBe(false);
    expect(readGroup(node("group", { id }))).toBeUndefined();
  }
  const odd = node("group", { id: "1@g.us" }, [
    node("participant"),
    node("participant", { jid: "nobody" }),
    node("participant", { jid: "2@s.whatsapp.net", type: "emperor" }),
  ]);
  expect(readGroup(odd)?.members).toEqual([{ jid: "2@s.whatsapp.net", part: "member", name: undefined }]);
});

test("the hash of the members knows no order, and tells who is one more", () => {
  const some = ["3@s.whatsapp.net", "12-1@interop"];
  expect(membersHash(some)).toBe(membersHash(some.toReversed()));
  expect(membersHash(some)).toMatch(/^[\w-]{8}$/);
  expect(membersHash([...some, "4@s.whatsapp.net"])).not.toBe(membersHash(some));
});
