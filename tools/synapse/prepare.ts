import { installSynapse, NEWEST, OLDEST } from "./install.ts";

// Before the tests, so that a slow download is not counted against a test's time.
for (const version of [NEWEST, OLDEST]) {
  await installSynapse((line, passing) => passing === true || console.error(line), { version });
}
