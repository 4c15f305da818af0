import { close, mkdirSync, openSync, write } from "node:fs";
import { dirname } from "node:path";
import { Writable } from "node:stream";

/**
 * Writes lines to a file. A line that cannot be written, as on a full disk, goes to standard error, and the next one is
 * tried again.
 */
export function logFile(path: string): Writable {
  let file: number | undefined;
  /** The last line was written only in part. */
  let torn = false;
  return new Writable({
    write(line: Buffer, _, done) {
      const bytes = torn ? Buffer.concat([Buffer.from("\n"), line]) : line;
      const lost = (): void => {
        process.stderr.write(line);
        done();
      };
      try {
        file ??= opened(path);
      } catch {
        return lost();
      }
      write(file, bytes, (error, written) => {
        if (error) return lost();
        torn = written < bytes.length;
        return torn ? lost() : done();
      });
    },
    final(done) {
      if (file === undefined) done();
      else close(file, () => done());
    },
  });
}

function opened(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "a");
}
