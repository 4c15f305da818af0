import { installSynapse } from "./install.ts";

// Before the tests, so that a slow download is not counted against a test's time.
await installSynapse((line) => console.error(line));
