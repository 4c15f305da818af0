import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatJid, type Jid, parseJid } from "../../../src/networks/meta-interop/wire/jid.ts";

const number = (digits: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${digits - 1}}$`));
const interop: fc.Arbitrary<Jid> = fc.record({
  kind: fc.constant("interop"),
  integrator: fc.integer({ min: 1, max: 999 }),
  user: number(15),
  device: fc.constant(0),
});
const user: fc.Arbitrary<Jid> = fc.record({
  kind: fc.constant("user"),
  user: number(20),
  server: fc.constantFrom("s.whatsapp.net", "msgr", "g.us"),
  device: fc.integer({ min: 0, max: 99 }),
});

describe("addresses", () => {
  test("every address reads back from its text", () => {
    fc.assert(
      fc.property(fc.oneof(interop, user), (jid) => {
        expect(parseJid(formatJid(jid))).toEqual(jid);
      }),
    );
  });

  test.each<[string, Jid]>([
    ["12-105012705411308@interop", { kind: "interop", integrator: 12, user: "105012705411308", device: 0 }],
    ["13-107310445768773:0@interop", { kind: "interop", integrator: 13, user: "107310445768773", device: 0 }],
    [
      "31612345678@s.whatsapp.net",
      { kind: "user", user: "31612345678", server: "s.whatsapp.net", device: 0 },
    ],
    ["100012345678901:2@msgr", { kind: "user", user: "100012345678901", server: "msgr", device: 2 }],
    ["120363-17@g.us", { kind: "user", user: "120363-17", server: "g.us", device: 0 }],
  ])("%s", (text, jid) => {
    expect(parseJid(text)).toEqual(jid);
  });

  test.each([
    "",
    "@interop",
    "s.whatsapp.net",
    "0-1@interop",
    "1000-1@interop",
    "12-0@interop",
    "12-1234567890123456@interop",
    "12-5:1@interop",
    "12-5@interop ",
    "x12-5@interop",
    "1@2@s.whatsapp.net",
    "1:65536@s.whatsapp.net",
    "1:01@s.whatsapp.net",
    "1\n@s.whatsapp.net",
    `${"1".repeat(400)}@s.whatsapp.net`,
  ])("is no address: %j", (text) => {
    expect(parseJid(text)).toBeUndefined();
  });

  test("any text is an address or is not, and never an error", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseJid(text)));
  });
});
