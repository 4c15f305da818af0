import { BridgeError } from "../core/errors.ts";

interface Trouble {
  readonly words: string;
  /** Whether it may pass without anybody changing the file itself. */
  readonly passing: boolean;
}

/** What SQLite says about the world around it, by the start of the result code. */
const troubles: Readonly<Record<string, Trouble>> = {
  SQLITE_FULL: {
    words:
      "The disk with the bridge's database is full. Free some space on it; the bridge then goes on by itself.",
    passing: true,
  },
  SQLITE_IOERR: {
    words:
      "The disk with the bridge's database reports an error. Look at the system's log for disk errors and at the free space; the bridge keeps trying.",
    passing: true,
  },
  SQLITE_BUSY: {
    words:
      "Another program is holding the bridge's database. Close it there; the bridge then goes on by itself.",
    passing: true,
  },
  SQLITE_LOCKED: {
    words:
      "Another program is holding the bridge's database. Close it there; the bridge then goes on by itself.",
    passing: true,
  },
  SQLITE_READONLY: {
    words:
      "The bridge's database cannot be written. Give the bridge's user write permission on the file and its folder, and start the bridge again.",
    passing: true,
  },
  SQLITE_CANTOPEN: {
    words:
      "The bridge's database cannot be opened. Check that its folder exists and that the bridge's user may read and write in it.",
    passing: true,
  },
  SQLITE_PERM: {
    words: "The bridge's user has no permission for its database. Give it read and write permission.",
    passing: true,
  },
  SQLITE_NOMEM: {
    words: "The machine has no memory left for the bridge's database. Free some; the bridge keeps trying.",
    passing: true,
  },
  SQLITE_CORRUPT: {
    words: "The bridge's database is damaged. Stop the bridge, and put a backup of the file in its place.",
    passing: false,
  },
  SQLITE_NOTADB: {
    words:
      "The file is not a database of this bridge. Name another file in the configuration, or move this one away.",
    passing: false,
  },
};

/** SQLite's result code, such as `SQLITE_FULL`. By shape: the driver's error class is not one across realms. */
function codeOf(error: unknown): string {
  if (error instanceof BridgeError) return codeOf(error.cause);
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

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
  if (error instanceof BridgeError) return error;
  const trouble = troubleOf(error);
  if (trouble === undefined)
    return new BridgeError("storage", {
      words: "The bridge could not store this; it is a fault of the bridge. Its log has the details.",
      certain: true,
      cause: error,
    });
  return new BridgeError("storage", {
    words: trouble.words,
    // After a disk error while committing nobody knows what reached the disk.
    certain: !codeOf(error).startsWith("SQLITE_IOERR"),
    ...(trouble.passing ? { retryAfter: 0 } : {}),
    cause: error,
  });
}
