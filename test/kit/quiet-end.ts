import { expect } from "@jest/globals";
import type { TestWorld } from "./world.ts";

/** What every end-to-end file ends with: the gatekeeper saw no breach of the profile, and the logs tell nothing. */
export async function endQuietly(world: TestWorld | undefined, secrets: readonly string[]): Promise<void> {
  if (world === undefined) return;
  const violations = await world.world.control.violations();
  const { as, hs } = world.world.tokens;
  const leaked = world.leaked([...secrets, as, hs]);
  await world[Symbol.asyncDispose]();
  expect({ violations, leaked }).toEqual({ violations: { violations: [] }, leaked: [] });
}
