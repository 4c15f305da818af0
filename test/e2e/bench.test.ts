import { spawnSync } from "node:child_process";
import { expect, jest, test } from "@jest/globals";
import { e2eTimeout } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

test("npm run bench -- --only latency measures by itself", () => {
  const args = ["--disable-warning=DEP0060", "tools/bench/run.ts", "--only", "latency"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toMatch(/one message, from the gatekeeper's clock to the room \| [\d.]+ ms /);
  expect(stdout).toMatch(/one message, from the homeserver's push to the phone \| [\d.]+ ms /);
  expect(stdout).not.toContain("failed");
  expect(status).toBe(0);
});
