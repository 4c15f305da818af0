import { Worker } from "node:worker_threads";
import { BridgeError, type Reason } from "../../core/model/errors.ts";
import type { BackupPlan, TakenBackup } from "./take-backup.ts";

export type BackupAnswer =
  | { readonly taken: TakenBackup }
  | { readonly failed: { readonly reason: Reason; readonly words: string } };

/**
 * Makes a backup from inside the running bridge, in a thread of its own, as reading a large database through would hold
 * everybody up; a second call while one is made waits for the same. Throws BridgeError with words.
 */
export function backupsOf(plan: () => BackupPlan): () => Promise<TakenBackup> {
  let running: Promise<TakenBackup> | undefined;
  return () => {
    running ??= inThread(plan()).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function inThread(plan: BackupPlan): Promise<TakenBackup> {
  const worker = new Worker(new URL("backup-thread.ts", import.meta.url), { workerData: plan, execArgv: [] });
  const answer = await new Promise<BackupAnswer>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the backup's thread ended without an answer")));
  });
  if ("taken" in answer) return answer.taken;
  const { reason, words } = answer.failed;
  throw new BridgeError(reason, { words, certain: true });
}
