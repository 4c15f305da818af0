import { join } from "node:path";

/** The paths of a world's files; the bridge's own may be in another folder, `data`. */
export function worldFiles(folder: string, data = folder) {
  return {
    folder,
    synapse: join(folder, "synapse"),
    sandboxConfig: join(folder, "sandbox.yaml"),
    sandboxData: join(folder, "sandbox.db"),
    bridgeConfig: join(folder, "config.yaml"),
    registration: join(folder, "registration.yaml"),
    secondRegistration: join(folder, "doublepuppet-registration.yaml"),
    database: join(data, "bridge.db"),
    /** What the bridge logs; what it prints is in {@link logs}, which is the same file unless it has its own folder. */
    bridgeLog: join(data, "bridge.log"),
    logs: {
      synapse: join(folder, "synapse.log"),
      sandbox: join(folder, "sandbox.log"),
      signal: join(folder, "signal-mock.log"),
      bridge: join(folder, "bridge.log"),
    },
  } as const;
}

export type WorldFiles = ReturnType<typeof worldFiles>;
