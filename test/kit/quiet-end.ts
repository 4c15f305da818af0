import { expect } from "@jest/globals";
import type { TestWorld } from "./world.ts";

/** The last check of every end-to-end file: the sandbox has no violations, and the logs hold no secrets. */
export async function endQuietly(world: TestWorld | undefined, secrets: readonly string[]): Promise<void> {
  if (world === undefined) return;
  const violations = await world.world.control.violations();
  const { as, hs } = world.world.tokens;
  const leaked = world.leaked([...secrets, as, hs]);
  await world[Symbol.asyncDispose]();
  expect({ violations, leaked }).toEqual({ violations: { violations: [] }, leaked: [] });
}
