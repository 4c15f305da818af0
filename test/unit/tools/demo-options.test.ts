import { expect, test } from "@jest/globals";
import { parseOptions } from "../../../tools/demo/options.ts";

test("the demo runs with what it is given", () => {
  expect(parseOptions(["--once", "--data", "/somewhere"])).toEqual({
    kind: "run",
    once: true,
    json: false,
    data: "/somewhere",
  });
  expect(parseOptions(["-h"])).toEqual({ kind: "help" });
});

test.each([
  [["--typo"], "--typo"],
  [["extra"], "extra"],
  [["--data"], "--data"],
  [["--once=yes"], "--once"],
])("%j is refused in one line that names it", (args, name) => {
  const parsed = parseOptions(args);
  expect(parsed).toMatchObject({ kind: "misused", words: expect.stringContaining(name) });
  expect(parsed).toMatchObject({ words: expect.not.stringContaining("\n") });
});
