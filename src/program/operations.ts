import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { permissionOf } from "../config/access.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { CheckedLink, Operations } from "../core/ports/operations.ts";
import { homeserverTitle } from "../matrix/health/server-identity.ts";
import type { BridgeConfig } from "../networks/registry.ts";
import { sqliteVersion } from "../store/examine.ts";
import { backupsOf } from "./data/backup-now.ts";
import { backupPlan } from "./data/backup-plan.ts";
import { databaseFile } from "./data/database-file.ts";
import { runDoctor } from "./run-doctor.ts";

interface OperationsParts {
  readonly config: BridgeConfig;
  /** The configuration's file. */
  readonly file: string;
  readonly registration: string;
  readonly version: string;
  readonly clock: Pick<Clock, "now">;
  readonly signal: AbortSignal;
}

/** What the running program knows and does for its administrators. */
export function operationsOf({
  config,
  file,
  registration,
  version,
  clock,
  signal,
}: OperationsParts): Operations {
  const backUp = backupsOf(() => backupPlan({ config, file, registration, at: clock.now() }));
  let checking: Promise<readonly CheckedLink[]> | undefined;
  return {
    async versions() {
      return {
        bridge: version,
        node: process.version.slice(1),
        libsignal: libsignalVersion(),
        sqlite: sqliteVersion(databaseFile(config)),
        homeserver: await homeserverTitle(config.homeserver.url),
      };
    },
    permission: (user) => permissionOf(config.permissions, user),
    check() {
      checking ??= runDoctor({ config: file, registration }, signal).finally(() => {
        checking = undefined;
      });
      return checking;
    },
    async backUp() {
      const { folder, bytes, files, missing } = await backUp();
      return { folder, bytes, files, missing: missing.length };
    },
  };
}

function libsignalVersion(): string {
  const file = findPackageJSON("@signalapp/libsignal-client", import.meta.url);
  const found: unknown = file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8"));
  return String(Object(found).version);
}
