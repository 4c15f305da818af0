import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { tryLock, withLock } from "../../../tools/process/lock.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const holder = `
  const { tryLock } = await import(process.argv[1]);
  const held = tryLock(process.argv[2]);
  process.stdout.write(held === undefined ? "no" : "yes");
  setInterval(() => held, 1000);
`;

test("a lock held by another process is refused, waited for, and free again when that process is killed", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a.lock");
  const module = new URL("../../../tools/process/lock.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder, module, path]);
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  expect(answer.toString()).toBe("yes");

  expect(tryLock(path)).toBeUndefined();
  let waits = 0;
  const done = withLock(
    path,
    () => {
      waits += 1;
      child.kill("SIGKILL");
    },
    async () => "done",
  );
  expect(await done).toBe("done");
  expect(waits).toBe(1);
  using again = tryLock(path);
  expect(again).toBeDefined();
});
