import { BridgeError } from "../../core/model/errors.ts";
import { systemCode } from "../../core/model/system-code.ts";

interface Trouble {
  /** What it is and what to do; of a passing trouble without what follows then. */
  readonly words: string;
  /** Whether it may pass without anybody changing the file itself. */
  readonly passing: boolean;
}

const passing = (words: string): Trouble => ({ words, passing: true });
const lasting = (words: string): Trouble => ({ words, passing: false });

const full = passing("The disk with the bridge's database is full. Free some space on it");
const held = passing("Another program is holding the bridge's database. Close it there");
const readOnly = passing(
  "The bridge's database cannot be written. Give the bridge's user write permission on the file and its folder, on a disk that is not read-only",
);

/** What SQLite and the system say about the world around us, by the start of the code; the first that fits counts. */
const troubles: Readonly<Record<string, Trouble>> = {
  SQLITE_FULL: full,
  SQLITE_IOERR_SHMSIZE: full,
  ENOSPC: full,
  SQLITE_IOERR: passing(
    "The disk with the bridge's database reports an error. Look at the system's log for disk errors and at the free space",
  ),
  SQLITE_BUSY: held,
  SQLITE_LOCKED: held,
  SQLITE_PROTOCOL: held,
  SQLITE_READONLY: readOnly,
  EROFS: readOnly,
  SQLITE_CANTOPEN: passing(
    "The bridge's database cannot be opened. Check that its folder exists and that the bridge's user may read and write in it",
  ),
  SQLITE_PERM: passing(
    "The bridge's user has no permission for its database. Give it read and write permission",
  ),
  SQLITE_NOMEM: passing("The machine has no memory left for the bridge's database. Free some"),
  SQLITE_CORRUPT: lasting(
    "The bridge's database is damaged. Stop the bridge, and put a backup of the file in its place.",
  ),
  SQLITE_NOTADB: lasting(
    "The file is not a database of this bridge. Name another file in the configuration, or move this one away.",
  ),
};

const WHILE_RUNNING = "; the bridge then goes on by itself.";
const AT_START = ", and start the bridge again.";

/** SQLite's result code, such as `SQLITE_FULL`, or the system's. */
export const codeOf = (error: unknown): string => systemCode(error) ?? "";

function troubleOf(error: unknown): Trouble | undefined {
  const code = codeOf(error);
  return Object.entries(troubles).find(([start]) => code === start || code.startsWith(`${start}_`))?.[1];
}

/** Whether the failure is the machine's, so that it would meet any write. */
export function isEnvironment(error: unknown): boolean {
  return troubleOf(error) !== undefined;
}

/** Any failure of the store as the one error the bridge knows. */
export function storageError(error: unknown): BridgeError {
  return error instanceof BridgeError ? error : errorOf(error, WHILE_RUNNING, "unstorable");
}

/** As {@link storageError}, of a store that could not be opened: then the bridge has ended, and nothing goes on by itself. */
export function openingError(error: unknown): BridgeError {
  return error instanceof BridgeError ? error : errorOf(error, AT_START, "storage");
}

/** `other`: the reason of what the machine did not cause. */
function errorOf(error: unknown, next: string, other: "storage" | "unstorable"): BridgeError {
  const trouble = troubleOf(error);
  if (trouble === undefined)
    return new BridgeError(other, {
      words: "The bridge could not store this; it is a fault of the bridge. Its log has the details.",
      certain: true,
      cause: error,
    });
  return new BridgeError("storage", {
    words: trouble.passing ? `${trouble.words}${next}` : trouble.words,
    // After a disk error while committing nobody knows what reached the disk.
    certain: !codeOf(error).startsWith("SQLITE_IOERR"),
    ...(trouble.passing ? { retryAfter: 0 } : {}),
    cause: error,
  });
}
