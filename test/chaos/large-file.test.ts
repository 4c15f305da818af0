import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../kit/temporary-folder.ts";

const script = fileURLToPath(new URL("./large-file.ts", import.meta.url));

test("a file of 100 MB is hosted, and one served and fetched at once, in less than 40 MB", async () => {
  using folder = temporaryFolder();
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder.path, "100"]);
  const { hosting, servingAndFetching, whole } = JSON.parse(stdout) as Record<string, number | boolean>;
  expect(whole).toBe(true);
  expect(hosting).toBeLessThan(40);
  // Two ways at once: what a bridge does never is both ends of one transfer.
  expect(servingAndFetching).toBeLessThan(80);
}, 60_000);
