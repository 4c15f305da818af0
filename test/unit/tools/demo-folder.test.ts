import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

test("a folder of before the demo had its pages gets ports for them, and keeps those", async () => {
  using data = temporaryFolder();
  const file = join(data.path, "1", "demo.json");
  {
    using made = await openFolder(data.path, () => undefined);
    const { page: _none, provisioning: _nor, ...ports } = made.state.settings.ports;
    writeFileSync(file, JSON.stringify({ ...made.state, settings: { ...made.state.settings, ports } }));
  }
  let page = 0;
  let provisioning = 0;
  {
    using first = await openFolder(data.path, () => undefined);
    ({ page, provisioning } = first.state.settings.ports);
    expect(Math.min(page, provisioning)).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(first.state);
  }
  using second = await openFolder(data.path, () => undefined);
  expect(second.state.settings.ports).toMatchObject({ page, provisioning });
});
