import { statSync } from "node:fs";
import { BridgeError } from "../core/model/errors.ts";
import { isMissing } from "../core/model/unread-file.ts";
import { connect, type DatabaseFile } from "./database/connection.ts";
import { refuseForeignFile } from "./database/migrate.ts";
import { openingError } from "./database/storage-error.ts";
import { families as allFamilies } from "./families/families.ts";

/**
 * Reads a database of the bridge through without changing it, beside the bridge or not; answers its size in bytes, or
 * undefined where there is no file. Throws a `storage` BridgeError whose words say what to do.
 */
export function examineDatabase(file: DatabaseFile): number | undefined {
  try {
    const { size } = statSync(file.path);
    using stack = new DisposableStack();
    const db = stack.adopt(connect(file, { readonly: true }), (each) => each.close());
    refuseForeignFile(db, allFamilies);
    const found = db.pragma("quick_check(1)", { simple: true });
    if (found === "ok") return size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw openingError(error);
  }
  throw new BridgeError("storage", {
    words: "The bridge's database is damaged. Stop the bridge, and put a backup of the file in its place.",
    certain: true,
  });
}
