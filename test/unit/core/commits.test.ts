import { expect, test } from "@jest/globals";
import { Commits } from "../../../src/core/commits.ts";

test("a commit that fails before it is waited for is nobody's unhandled failure, and is heard of", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const commits = new Commits();
  commits.add(Promise.resolve());
  commits.add(Promise.reject(new Error("the disk is full")));
  await new Promise((done) => setImmediate(() => setImmediate(done)));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  await expect(commits.done()).rejects.toThrow("the disk is full");
});
