import { expect, test } from "@jest/globals";
import { errorCode, usableId, wholeNumber } from "../../../src/networks/meta-interop/wire/attributes.ts";

test.each(["3EB0C4B3F1", "a".repeat(256), "é".repeat(128), "with space", "m1@s.whatsapp.net"])(
  "%j is an id",
  (id) => {
    expect(usableId(id)).toBe(id);
  },
);

test.each([undefined, "", "a".repeat(257), "é".repeat(129), "\ud800", "a\0", "a\nb", "x".repeat(900_000)])(
  "%j is none",
  (id) => {
    expect(usableId(id)).toBeUndefined();
  },
);

test.each<[string | undefined, number | undefined]>([
  ["0", 0],
  ["12", 12],
  ["1000", 100],
  ["9".repeat(200), 100],
  [undefined, undefined],
  ...["", " 7", "-1", "1.5", "1e300", "0x10", "NaN", "Infinity", "９"].map(
    (text) => [text, undefined] as [string, undefined],
  ),
])("the number of %j is %j", (text, number) => {
  expect(wholeNumber(text, 100)).toBe(number);
});

test("an error has a code of its own, or the general one", () => {
  expect([
    errorCode("403"),
    errorCode("1e300"),
    errorCode(undefined),
    errorCode("0"),
    errorCode("70000"),
  ]).toEqual([403, 500, 500, 500, 999]);
});
