import { BridgeError } from "../../core/model/errors.ts";
import { systemCode } from "../../core/model/system-code.ts";

interface StorageFault {
  /** What it is and what to do; for a passing fault without the end of the sentence. */
  readonly words: string;
  /** Whether it can end without a change of the database file. */
  readonly passing: boolean;
}

const passing = (words: string): StorageFault => ({ words, passing: true });
const lasting = (words: string): StorageFault => ({ words, passing: false });

const full = passing("The disk with the bridge's database is full. Free some space on it");
const locked = passing("Another program is holding the bridge's database. Close it there");
const readOnly = passing(
  "The bridge's database cannot be written. Give the bridge's user write permission on the file and its folder, on a disk that is not read-only",
);

/** Faults of the machine, by the start of SQLite's or the system's code; the first that fits counts. */
const faults: Readonly<Record<string, StorageFault>> = {
  SQLITE_FULL: full,
  SQLITE_IOERR_SHMSIZE: full,
  ENOSPC: full,
  SQLITE_IOERR: passing(
    "The disk with the bridge's database reports an error. Look at the system's log for disk errors and at the free space",
  ),
  SQLITE_BUSY: locked,
  SQLITE_LOCKED: locked,
  SQLITE_PROTOCOL: locked,
  SQLITE_READONLY: readOnly,
  EROFS: readOnly,
  SQLITE_CANTOPEN: passing(
    "The bridge's database cannot be opened. Check that its folder exists and that the bridge's user may read and write in it",
  ),
  SQLITE_PERM: passing(
    "The bridge's user has no permission for its database. Give it read and write permission",
  ),
  EACCES: passing(
    "The user this runs as has no permission for the bridge's database. Run it as the bridge's user, or give that user read and write permission",
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

function faultFor(error: unknown): StorageFault | undefined {
  const code = codeOf(error);
  return Object.entries(faults).find(([start]) => code === start || code.startsWith(`${start}_`))?.[1];
}

/** Whether the machine is at fault, so that every write would fail. */
export function isEnvironment(error: unknown): boolean {
  return faultFor(error) !== undefined;
}

/** The BridgeError of any failure of the running store. */
export function storageError(error: unknown): BridgeError {
  return error instanceof BridgeError ? error : errorOf(error, WHILE_RUNNING, "unstorable");
}

/** The BridgeError of a store that could not be opened; its words say to start the bridge again. */
export function openingError(error: unknown): BridgeError {
  return error instanceof BridgeError ? error : errorOf(error, AT_START, "storage");
}

/** @param other the reason of a failure that the machine did not cause. */
function errorOf(error: unknown, next: string, other: "storage" | "unstorable"): BridgeError {
  const fault = faultFor(error);
  if (fault === undefined)
    return new BridgeError(other, {
      words: "The bridge could not store this; it is a fault of the bridge. Its log has the details.",
      certain: true,
      cause: error,
    });
  return new BridgeError("storage", {
    words: fault.passing ? `${fault.words}${next}` : fault.words,
    // After an I/O error the commit may or may not have reached the disk.
    certain: !codeOf(error).startsWith("SQLITE_IOERR"),
    ...(fault.passing ? { retryAfter: 0 } : {}),
    cause: error,
  });
}
