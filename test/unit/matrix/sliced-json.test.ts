import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { jsonOf } from "../../../src/matrix/http/json.ts";
import { slicedJson } from "../../../src/matrix/http/sliced-json.ts";

const anyJson = fc.oneof(
  fc.json({ maxDepth: 6, noUnicodeString: false }),
  fc.json({ maxDepth: 3 }).map((json) => JSON.stringify(JSON.parse(json), undefined, 2)),
);

test("JSON in pieces of any size is what JSON.parse makes of it", async () => {
  await fc.assert(
    fc.asyncProperty(anyJson, fc.integer({ min: 1, max: 60 }), async (json, lump) => {
      expect(await slicedJson(json, lump)).toEqual(jsonOf(json));
    }),
  );
});

test("what JSON.parse refuses is refused, wherever it is damaged", async () => {
  const damage = fc.constantFrom(
    "",
    ",",
    ",,",
    "]",
    "}",
    "[",
    "{",
    '"',
    "\\",
    ":",
    "1",
    "x",
    " ",
    "\u00a0",
    ",]",
    "{,",
  );
  await fc.assert(
    fc.asyncProperty(anyJson, damage, fc.nat(), fc.nat(3), async (json, put, place, cut) => {
      const at = place % (json.length + 1);
      const damaged = json.slice(0, at) + put + json.slice(at + cut);
      expect(await slicedJson(damaged, 4)).toEqual(jsonOf(damaged));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['{"__proto__":{"a":[1,2,3]},"b":1}', "a key that must not be assigned to"],
  ['{"a":[1,2,3,4],"a":[5,6,7,8]}', "a key twice"],
  ['  {"a" : [ 1 , { "b" : [ ] } , "]}," ] }  ', "spaces"],
  ['["\\\\","\\"]",{"\\\\\\"":[[[[["x"]]]]]}]', "escapes"],
  ["[[],[],[[]],{},[{}],0]", "empty ones"],
])("%s has %s", async (json) => {
  for (let lump = 1; lump < 12; lump += 1) expect(await slicedJson(json, lump)).toEqual(JSON.parse(json));
});

test.each([
  '{"a":{"b":0},}',
  "[[1],]",
  "[,[1]]",
  '{,"a":[1]}',
  "[[1],,[2]]",
  "[[1]\u00a0,[2]]",
  '{"a":1{"b":0}}',
  "[1[2]]",
  '{"a":"x"[1]}',
  ",[1]",
  "[1],",
])("%s is refused", async (json) => {
  for (let lump = 1; lump < 12; lump += 1) expect(await slicedJson(json, lump)).toBeUndefined();
});

test("half a character is replaced in every piece", async () => {
  expect(await slicedJson('{"a":["x\\ud83d","y"],"\\ude00":[1,2]}', 2)).toEqual({
    a: ["x\ufffd", "y"],
    "\ufffd": [1, 2],
  });
});

test("lists in lists without end are refused, and a million empty ones are read", async () => {
  expect(await slicedJson("[".repeat(2_000_000))).toBeUndefined();
  const read = await slicedJson(`[${"[],".repeat(500_000)}0]`);
  expect(read).toHaveLength(500_001);
});
