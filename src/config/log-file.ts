import { close, mkdirSync, openSync, write } from "node:fs";
import { dirname } from "node:path";
import { Writable } from "node:stream";

/**
 * A file that takes lines whenever it can, so that a disk that was full does not end the log. What it cannot take
 * goes to standard error.
 */
export function logFile(path: string): Writable {
  let file: number | undefined;
  /** The last line is there in part only. */
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
