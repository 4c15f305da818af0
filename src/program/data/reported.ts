import { BridgeError } from "../../core/model/errors.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { whyUnwritten } from "../../core/model/unread-file.ts";
import { wordsFor } from "../faults.ts";
import { refused } from "../refused.ts";

interface Outcome {
  readonly words: string;
  /** The same for programs. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Runs one act of a person at a terminal, or of a program: its outcome as words or as one line of JSON, its progress on
 * standard error; the exit status.
 */
export async function reported(
  json: boolean,
  act: (progress: (words: string) => void) => Promise<Outcome>,
): Promise<number> {
  // Whatever is made is nobody else's.
  const before = process.umask(0o077);
  try {
    const { words, facts } = await act((said) => {
      if (!json) console.error(said);
    });
    console.log(json ? JSON.stringify({ ok: true, ...facts }) : words);
    return 0;
  } catch (cause) {
    const error = inWords(cause);
    if (!json) throw error;
    console.log(JSON.stringify({ ok: false, error: wordsFor(error) }));
    return 1;
  } finally {
    process.umask(before);
  }
}

const FULL = "The disk is full. Nothing was changed. Free some space, and run the command again.";

/** A fault of the disk or of permissions, in words; any other error as it is. */
export function inWords(cause: unknown): unknown {
  if (cause instanceof BridgeError) return cause;
  const path = String(Object(cause).path ?? Object(cause).dest ?? "");
  switch (systemCode(cause) ?? "") {
    case "ENOSPC":
    case "EDQUOT":
      return refused(FULL, cause);
    case "EACCES":
    case "EPERM":
      return refused(
        `The user this runs as may not do that with ${path}. Run it as the bridge's user, or as root.`,
        cause,
      );
    case "EROFS":
      return refused(`${path} is on a disk that is read-only. Nothing was changed.`, cause);
    case "EEXIST":
    case "EISDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
    case "ENOENT":
    case "ENOTDIR":
      return refused(`${path} cannot be used. ${whyUnwritten(cause)}`, cause);
    default:
      return cause;
  }
}
