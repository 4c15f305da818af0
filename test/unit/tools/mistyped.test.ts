import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const told = "node tools/mistyped.mjs";

/** Every way to swap two letters that stand beside each other. */
const slips = (name: string): readonly string[] =>
  Array.from({ length: name.length - 1 }, (_, at) => {
    const [first = "", second = ""] = name.slice(at);
    return name.slice(0, at) + second + first + name.slice(at + 2);
  });

test("two letters swapped in the name of what people run every day are a script that says what was meant", () => {
  const mistyped = Object.keys(scripts).filter((name) => scripts[name] === told);
  expect(mistyped).toEqual(["bridge", "demo", "sandbox"].flatMap(slips));
});

test("npm run brigde says that there is no such script, and which one was meant", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "brigde"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    "There is no script “brigde”. Did you mean: npm run bridge\nThere are: demo, sandbox, start, bridge, test, test:homeservers, nightly, check, screenshot, bench.\n",
  );
});
