import { join } from "node:path";
import type { BridgeConfig } from "../../networks/registry.ts";
import { secondPath } from "../second-registration.ts";
import { version } from "../version.ts";
import { databaseFile } from "./database-file.ts";
import { IN_BACKUP } from "./manifest.ts";
import type { BackupPlan } from "./take-backup.ts";

interface BackupSettings {
  readonly config: BridgeConfig;
  /** The configuration's file. */
  readonly file: string;
  readonly registration: string;
  readonly at: number;
}

/** What a bridge with this configuration backs up. */
export const backupPlan = ({ config, file, registration, at }: BackupSettings): BackupPlan => ({
  database: databaseFile(config),
  hosted: hostedFolder(config),
  settings: {
    [IN_BACKUP.config]: file,
    [IN_BACKUP.registration]: registration,
    [IN_BACKUP.second]: secondPath(config, registration),
  },
  serverName: config.homeserver.server_name,
  version: version(),
  to: config.backups.folder,
  keep: config.backups.keep,
  at,
});

/** The folder of the files that networks fetch. */
export const hostedFolder = ({ media }: Pick<BridgeConfig, "media">): string => join(media.folder, "hosted");
