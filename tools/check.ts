/**
 * The quick check: types, lint, format and dead code, one after the other, beside the tests. Standard output has
 * the closing line of the tests and nothing else; the exit status is 0 only when everything is in order.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const root = join(import.meta.dirname, "..");
const cache = join(root, ".cache");
const env = {
  ...process.env,
  // A compile cache for the programs that tests start again and again.
  NODE_COMPILE_CACHE: join(cache, "code"),
  // A share of the random cases; `npm test` tries all of them.
  RANDOM_SHARE: "0.2",
};

/** The programs in node_modules/.bin, with their arguments. */
const tools: readonly (readonly [program: string, ...args: string[]])[] = [
  ["tsc", "-p", ".", "--incremental", "--tsBuildInfoFile", join(cache, "check.tsbuildinfo")],
  ["tsc", "-p", "src/sandbox/page/web"],
  ["tsc", "-p", "src/settings/web"],
  ["tsc", "-p", "tools/demo/page/web"],
  ["oxlint", "--type-aware"],
  ["biome", "ci", "--colors=off"],
  ["knip"],
];

/** Runs a tool; answers its output when it fails. */
async function complaint([program, ...args]: (typeof tools)[number]): Promise<string | undefined> {
  const child = spawn(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status, signal] = await ended;
  if (status === 0) return undefined;
  return `\n${[program, ...args].join(" ")} failed (${signal ?? status}):\n${out}${err}`;
}

async function complaints(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const tool of tools) found.push((await complaint(tool)) ?? "");
  return found.filter((each) => each !== "");
}

/** Runs the tests that need no Synapse; their reports go to standard error as they come. */
async function tests(): Promise<{ readonly passed: boolean; readonly closing: string }> {
  const args = [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    "--import=./test/kit/code-cache.js",
    "--import=./test/kit/worker-end.js",
    "node_modules/jest/bin/jest.js",
    // Two test processes a core, as tests wait as much as they work.
    `--maxWorkers=${2 * availableParallelism()}`,
    "test/architecture.test.ts",
    "test/unit",
    "test/contract",
    "test/flow",
  ];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const closing = await text(child.stdout);
  const [status] = await ended;
  return { passed: status === 0, closing };
}

const [wrong, { passed, closing }] = await Promise.all([complaints(), tests()]);
for (const each of wrong) process.stderr.write(each);
process.stdout.write(closing);
process.exitCode = passed && wrong.length === 0 ? 0 : 1;
