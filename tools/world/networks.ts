import type { Json } from "../matrix/api.ts";
import type { SandboxControl } from "../sandbox/control.ts";

export const networkNames = ["whatsapp", "messenger"] as const;
export type NetworkName = (typeof networkNames)[number];

/** The bridge's sections for the sandbox's networks, with the addresses and root keys it tells. */
export async function networkSections(sandbox: SandboxControl): Promise<Readonly<Record<string, Json>>> {
  const { networks } = await sandbox.root();
  const list = networks as Readonly<Record<string, Json>>;
  return Object.fromEntries(
    networkNames.map((name) => [name, { url: list[name]?.["base"], root_key: list[name]?.["root_key"] }]),
  );
}
