import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, jest, test } from "@jest/globals";
import { schemathesis } from "../../tools/schemathesis/install.ts";
import { ANA } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

jest.setTimeout(120_000);

const program = schemathesis.program("schemathesis");
const BUDGET = 12;

/** Its whole report, and whether it found nothing. */
async function fuzzed(
  url: string,
  token: string,
): Promise<{ readonly report: string; readonly status: unknown }> {
  if (program === undefined) throw new Error("schemathesis is not there");
  using folder = temporaryFolder();
  const args = [
    "run",
    `${url}/_matrix/provision/openapi.json`,
    `--url=${url}/_matrix/provision`,
    `--header=Authorization: Bearer ${token}`,
    `--max-time=${BUDGET}`,
    "--phases=examples,coverage,fuzzing",
    "--max-examples=15",
    "--seed=1",
    "--checks=all",
    // Whoever fills in too much is understood all the same, as mautrix's clients expect.
    "--exclude-checks=positive_data_acceptance,missing_required_header",
    "--warnings=off",
    "--no-color",
  ];
  const child = spawn(program, args, { cwd: folder.path, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void lines.push(chunk.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { report: lines.join(""), status };
}

const where = program === undefined ? describe.skip : describe;

where("the provisioning API as it is described (skipped where schemathesis is not installed)", () => {
  test("stands up to schemathesis", async () => {
    await using here = await ProvisionedWorld.start();
    here.tokens.access.set("ana-token", ANA);
    here.world.admins.add(ANA);
    const { client } = await here.world.optsIn(ANA);
    await client.says("Bram", "m1", "hello");
    // Time goes by, so that nobody asks too often.
    const passing = setInterval(() => void here.world.clock.advance(1_000), 50);
    const { report, status } = await fuzzed(here.url, "ana-token").finally(() => clearInterval(passing));
    expect(status === 0 ? "" : report).toBe("");
    expect(here.lines.filter((line) => line.startsWith("A provisioning request failed"))).toEqual([]);
    expect(here.world.errors).toEqual([]);
  });
});
