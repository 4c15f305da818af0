import { expect } from "@jest/globals";
import { cryptoSecretsIn } from "./crypto-secrets.ts";
import type { TestWorld } from "./world.ts";

/** The last check of every end-to-end file: the sandbox has no violations, and the logs hold no secrets or keys. */
export async function endQuietly(world: TestWorld | undefined, secrets: readonly string[]): Promise<void> {
  if (world === undefined) return;
  // Ended also where the sandbox no longer answers, as its processes would keep the test's own from ending.
  await using ended = world;
  const violations = await ended.world.control.violations();
  const { as, hs } = ended.world.tokens;
  const leaked = ended.leaked([...secrets, as, hs, ...cryptoSecretsIn(ended.world.files.database)]);
  expect({ violations, leaked }).toEqual({ violations: { violations: [] }, leaked: [] });
}
