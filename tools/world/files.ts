import { join } from "node:path";

/** Where a world's files are, below its folder. */
export function worldFiles(folder: string) {
  return {
    folder,
    synapse: join(folder, "synapse"),
    sandboxConfig: join(folder, "sandbox.yaml"),
    sandboxData: join(folder, "sandbox.db"),
    bridgeConfig: join(folder, "config.yaml"),
    registration: join(folder, "registration.yaml"),
    secondRegistration: join(folder, "doublepuppet-registration.yaml"),
    database: join(folder, "bridge.db"),
    logs: {
      synapse: join(folder, "synapse.log"),
      sandbox: join(folder, "sandbox.log"),
      bridge: join(folder, "bridge.log"),
    },
  } as const;
}

export type WorldFiles = ReturnType<typeof worldFiles>;
