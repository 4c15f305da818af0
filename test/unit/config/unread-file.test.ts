import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../src/config/load.ts";
import { readDoublePuppetRegistration } from "../../../src/matrix/registration/double-puppet-registration.ts";
import { readRegistration } from "../../../src/matrix/registration/registration-file.ts";
import { networksConfig } from "../../../src/networks/registry.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const names = { botLocalpart: "bot", prefix: "_", serverName: "home.test" };
const NOBODY = 65_534;

/** Does something as a user who may read little. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe("a file that cannot be read", () => {
  let folder: TemporaryFolder;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    path = join(folder.path, "registration.yaml");
  });
  afterEach(() => folder[Symbol.dispose]());

  const load = (file: string) => async () => loadConfig({ file, networks: networksConfig, environment: {} });

  test("because its user may not, is not called missing: both registrations and the configuration", async () => {
    writeFileSync(path, "id: x", { mode: 0o000 });
    const words = expect.objectContaining({
      words: expect.stringMatching(
        /(could not|cannot) be read\. It is there, but the user this runs as may not read it/,
      ),
    });
    await asNobody(async () => {
      await expect(readRegistration(path, names)).rejects.toEqual(words);
      await expect(readDoublePuppetRegistration(path, "home.test")).rejects.toEqual(words);
      await expect(load(path)()).rejects.toEqual(words);
    });
  });

  test("because it may not enter the folder, is not called missing", async () => {
    const closed = join(folder.path, "closed");
    mkdirSync(closed);
    writeFileSync(join(closed, "registration.yaml"), "id: x");
    chmodSync(closed, 0o000);
    await asNobody(async () => {
      await expect(readRegistration(join(closed, "registration.yaml"), names)).rejects.toThrow(
        "may not enter",
      );
      await expect(
        readDoublePuppetRegistration(join(closed, "registration.yaml"), "home.test"),
      ).rejects.toThrow("may not enter");
    });
    chmodSync(closed, 0o700);
  });

  test("because it is not there, is said with what writes it", async () => {
    await expect(readRegistration(path, names)).rejects.toThrow(
      `${path} is not there. Write it with the register command.`,
    );
    expect(await readDoublePuppetRegistration(path, "home.test")).toBeUndefined();
    await expect(load(path)()).rejects.toThrow("There is no file");
  });

  test("because it is a folder or a link in a circle, is said so", async () => {
    await expect(readRegistration(folder.path, names)).rejects.toThrow("is a folder; name a file.");
    symlinkSync(path, path);
    await expect(readRegistration(path, names)).rejects.toThrow("It is a link that leads nowhere.");
  });

  test("and is named in place of a value, says why", async () => {
    const file = join(folder.path, "config.yaml");
    const secret = join(folder.path, "url");
    writeFileSync(secret, "http://127.0.0.1:8008", { mode: 0o000 });
    writeFileSync(file, "homeserver: { url: { file: ./url } }");
    await asNobody(async () => {
      await expect(load(file)()).rejects.toThrow("may not read it");
      const environment = { BRIDGE_HOMESERVER__URL_FILE: secret };
      const source = { file, networks: networksConfig, environment };
      expect(() => loadConfig(source)).toThrow(/BRIDGE_HOMESERVER__URL_FILE: .*may not read it/);
    });
  });
});
