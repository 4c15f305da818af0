import { installSynapse, NEWEST, OLDEST } from "./install.ts";

// Installs before the tests, so that a slow download does not make a test time out.
for (const version of [NEWEST, OLDEST]) {
  await installSynapse((line, passing) => passing === true || console.error(line), { version });
}
