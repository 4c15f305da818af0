import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { networksConfig } from "../../src/networks/registry.ts";
import { databaseFile } from "../../src/program/data/database-file.ts";
import { openStore } from "../../src/store/open.ts";
import { login } from "../contract/store-fixtures.ts";
import { patientIn } from "./patient.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

/** The bytes of a hosted file of this name. */
export const hostedBytes = (id: string): Buffer =>
  createHash("sha512")
    .update(id)
    .digest()
    .subarray(0, 40 + (id.charCodeAt(0) % 8));

/** A bridge that does not run: its files in a folder, with a login and two hosted files. */
export async function filledBridge(folder: string) {
  const { file, registrationPath: registration, loaded } = patientIn(folder);
  const { config } = loaded;
  const hosted = join(config.media.folder, "hosted");
  mkdirSync(hosted, { recursive: true });
  const ids = ["a", "b"].map((letter) => letter.repeat(43));
  const open = () => {
    const { config: now } = loadConfig({ file, networks: networksConfig, environment: {} });
    return openStore({ ...databaseFile(now), log });
  };
  {
    await using store = open();
    await store.write((tx) => {
      tx.logins.add(login());
      for (const id of ids)
        tx.family(hostedFiles).add({ id, login: login().id, size: hostedBytes(id).length, at: Date.now() });
    });
  }
  for (const id of ids) writeFileSync(join(hosted, id), hostedBytes(id));
  return { file, registration, config, hosted, ids, open };
}
