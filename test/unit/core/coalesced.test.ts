import { expect, test } from "@jest/globals";
import { Coalesced } from "../../../src/core/runtime/coalesced.ts";
import { settle } from "../../kit/virtual-clock.ts";

test("of what is wanted while one act runs only the newest does, and keys do not wait for each other", async () => {
  const done: string[] = [];
  let go = (): void => {};
  const acts = new Coalesced<string>(async (value) => {
    done.push(value);
    if (value.startsWith("slow")) await new Promise<void>((resolve) => (go = resolve));
  });
  acts.want("a", "slow a");
  for (let index = 0; index < 1_000; index += 1) acts.want("a", `a${index}`);
  acts.want("b", "b");
  expect(done).toEqual(["slow a", "b"]);
  go();
  await settle();
  expect(done).toEqual(["slow a", "b", "a999"]);
  acts.want("a", "a again");
  expect(done.at(-1)).toBe("a again");
});
