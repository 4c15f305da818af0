import { join } from "node:path";
import type { Log, LogFields } from "../../../src/core/ports/log.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { openStore } from "../../../src/store/open.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

export interface FileStore extends AsyncDisposable {
  readonly path: string;
  readonly logged: readonly { readonly message: string; readonly fields: LogFields | undefined }[];
  open(): Store;
}

/** A database file of a test's own; closes the stores it opened. */
export function fileStore(): FileStore {
  const folder = temporaryFolder();
  const path = join(folder.path, "bridge.db");
  const opened: Store[] = [];
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const log: Log = { error: note, warn: note, info: note, debug: note };
  return {
    path,
    logged,
    open() {
      const store = openStore({ path, log });
      opened.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
