import { parentPort, workerData } from "node:worker_threads";
import { BridgeError } from "../../core/model/errors.ts";
import type { BackupAnswer } from "./backup-now.ts";
import { inWords } from "./reported.ts";
import { type BackupPlan, takeBackup } from "./take-backup.ts";

/** Run by a worker thread: makes the backup whose plan is its data, and ends. */
async function take(plan: BackupPlan): Promise<BackupAnswer> {
  try {
    return { taken: await takeBackup(plan, () => undefined) };
  } catch (cause) {
    const error = BridgeError.from(inWords(cause));
    return { failed: { reason: error.reason, words: error.words } };
  }
}

parentPort?.postMessage(await take(workerData as BackupPlan), []);
