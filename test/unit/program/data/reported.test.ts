import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { reported } from "../../../../src/program/data/reported.ts";
import { refused } from "../../../../src/program/refused.ts";

beforeEach(() => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test("what an act makes is nobody else's, and the process's mask is as before, however it ends", async () => {
  const before = process.umask(0o022);
  const masks: number[] = [];
  const act = async (): Promise<never> => {
    masks.push(process.umask());
    throw refused("No.");
  };
  expect(await reported(true, act)).toBe(1);
  await expect(reported(false, act)).rejects.toThrow("No.");
  expect([masks, process.umask()]).toEqual([[0o077, 0o077], 0o022]);
  process.umask(before);
});
