import { NEWEST, synapseVersions } from "../../tools/synapse/install.ts";
import type { TestWorldOptions } from "./world.ts";

/** Which of the matrix this run is: `tools/homeservers/run.ts` sets it, and shows the tests' names as a table. */
const wanted = process.env["SYNAPSE_VERSION"] ?? NEWEST;
export const roomVersion: string = process.env["ROOM_VERSION"] ?? "12";

export function homeserverUnderTest(): TestWorldOptions {
  const synapse = synapseVersions.find((version) => version === wanted);
  if (synapse === undefined) throw new Error(`There is no Synapse ${wanted} to test on`);
  return { synapse, synapseExtra: { default_room_version: roomVersion } };
}
