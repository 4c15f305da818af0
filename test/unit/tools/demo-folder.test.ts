import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openFolder } from "../../../tools/demo/folder.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

test("a demo's folder is its owner's alone, one from before as well", async () => {
  using data = temporaryFolder();
  const before = join(data.path, "1");
  mkdirSync(before);
  chmodSync(before, 0o755);
  using first = await openFolder(data.path, () => undefined);
  using second = await openFolder(data.path, () => undefined);
  expect([first.path, second.path]).toEqual([before, join(data.path, "2")]);
  for (const { path } of [first, second]) expect(statSync(path).mode & 0o777).toBe(0o700);
});
