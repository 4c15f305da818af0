import { expect, test } from "@jest/globals";
import { Waits } from "../../../tools/matrix/waits.ts";

test("a wait sees what is offered after it was armed, once, and in the order of the offers", async () => {
  const waits = new Waits<number>();
  waits.offer(2);
  const even = waits.next("an even number", (number) => number % 2 === 0);
  const any = waits.next("a number", () => true);
  for (const number of [1, 4, 6]) waits.offer(number);
  expect(await Promise.all([even, any])).toEqual([4, 1]);
});

test("a wait in vain names what was waited for", async () => {
  const waits = new Waits<number>();
  await expect(waits.next("the end of the world", () => true, 0.01)).rejects.toThrow("the end of the world");
});
