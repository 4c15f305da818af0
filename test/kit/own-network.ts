import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "@jest/globals";
import { selfSigned } from "./self-signed.ts";

const NETWORK = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] as const;
const canHaveOwnNetwork = process.getuid?.() === 0 && spawnSync("unshare", [...NETWORK, "true"]).status === 0;

/** A test whose programs have a network of their own, and so ports that nobody else takes. */
export const onOwnNetwork = canHaveOwnNetwork ? test : test.skip;

interface OwnNetwork {
  /** A folder for what `init` writes; it is made in `data` there. */
  readonly folder: string;
  /** The homeserver of `localhost` says that it is of this name. */
  readonly name?: string;
  readonly certificate?: string;
  /** Ports that another program listens on. */
  readonly taken?: readonly number[];
}

/** What `init --json` says of `localhost` there. */
export async function initOnOwnNetwork({
  folder,
  name = "localhost",
  certificate = selfSigned.cert,
  taken = [],
}: OwnNetwork): Promise<{ readonly status: number; readonly told: Readonly<Record<string, unknown>> }> {
  const trusted = join(folder, "trusted.pem");
  writeFileSync(trusted, certificate);
  const words = ["--data", join(folder, "data"), "--networks", "whatsapp"];
  const { stdout } = await promisify(execFile)(
    "unshare",
    [...NETWORK, process.execPath, "test/kit/own-internet.ts", name, taken.join(","), ...words],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: trusted } },
  );
  const { status, out } = JSON.parse(stdout) as { status: number; out: string };
  return { status, told: JSON.parse(out) as Record<string, unknown> };
}
