import { nio } from "../nio/install.ts";
import { schemathesis } from "../schemathesis/install.ts";
import { installSynapse, NEWEST, OLDEST, type Progress } from "./install.ts";

// Installs before the tests, so that a slow download does not make a test time out.
const say: Progress = (line, passing) => passing === true || console.error(line);
for (const version of [NEWEST, OLDEST]) await installSynapse(say, { version });
// Without it only its own test is skipped.
for (const [what, left, without] of [
  [schemathesis, "schemathesis", "the provisioning API is not fuzzed"],
  [nio, "matrix-nio", "no client but matrix-js-sdk reads and writes in encrypted rooms"],
] as const)
  await what.prepare(say).catch((error: unknown) => {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : "";
    say(`${left} cannot be installed, so ${without}: ${why}`);
  });
