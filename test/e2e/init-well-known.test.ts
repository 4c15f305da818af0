import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { selfSigned } from "../kit/self-signed.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";

const NETWORK = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] as const;
const canHaveOwnNetwork = process.getuid?.() === 0 && spawnSync("unshare", [...NETWORK, "true"]).status === 0;
const onOwnNetwork = canHaveOwnNetwork ? test : test.skip;

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** What `init` says of `localhost`, whose federation port says it is of this name. */
async function initWhere(name: string, certificate = selfSigned.cert) {
  const trusted = join(folder.path, "trusted.pem");
  writeFileSync(trusted, certificate);
  const words = ["--data", join(folder.path, "data"), "--networks", "whatsapp"];
  const { stdout } = await promisify(execFile)(
    "unshare",
    [...NETWORK, process.execPath, "test/kit/own-internet.ts", name, ...words],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: trusted } },
  );
  const { status, out } = JSON.parse(stdout) as { status: number; out: string };
  return { status, told: JSON.parse(out) as Record<string, unknown> };
}

onOwnNetwork(
  "a homeserver is found by its well-known file over TLS, and its name by the other one",
  async () => {
    const { status, told } = await initWhere("localhost");
    expect(told["error"]).toBeUndefined();
    expect(status).toBe(0);
    expect(told["homeserver"]).toMatchObject({ url: "http://127.0.0.1:8018", server_name: "localhost" });
  },
);

onOwnNetwork("a name whose federation is another server's is refused", async () => {
  expect(await initWhere("other.test")).toEqual({
    status: 1,
    told: { error: "What localhost leads to is the homeserver other.test, not localhost. Correct the name." },
  });
});

onOwnNetwork("a site whose certificate is not trusted counts as none, and its fault is said", async () => {
  const { status, told } = await initWhere("localhost", "");
  expect(status).toBe(1);
  expect(told["error"]).toContain(
    "https://localhost/.well-known/matrix/client does not answer (DEPTH_ZERO_SELF_SIGNED_CERT)",
  );
});
