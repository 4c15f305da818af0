import { execFile } from "node:child_process";
import { z } from "zod";
import { BridgeError } from "../core/model/errors.ts";
import type { CheckedLink } from "../core/ports/operations.ts";

interface BridgeFiles {
  readonly config: string;
  readonly registration: string;
}

/** Milliseconds for all of its trials. */
const LONGEST = 120_000;
const MOST_BYTES = 4 * 1024 * 1024;

const report = z.object({
  links: z.array(
    z.object({
      link: z.string(),
      findings: z.array(
        z.object({
          status: z.enum(["good", "note", "bad", "untried"]),
          what: z.string(),
          file: z.string().optional(),
          line: z.number().nullish(),
          cure: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** Runs this program's `doctor` as a process of its own, as it holds up whatever runs beside it. Throws BridgeError. */
export function runDoctor(
  { config, registration }: BridgeFiles,
  signal: AbortSignal,
): Promise<CheckedLink[]> {
  const [, program = ""] = process.argv;
  const args = [...process.execArgv, program, "doctor", "-c", config, "-r", registration, "--json"];
  const { promise, resolve, reject } = Promise.withResolvers<CheckedLink[]>();
  const options = { timeout: LONGEST, maxBuffer: MOST_BYTES, signal };
  // Its status says whether all is well, and its answer says it too.
  execFile(process.execPath, args, options, (error, stdout) => {
    const read = report.safeParse(parsed(stdout));
    if (read.success) resolve(read.data.links.map(linkOf));
    else
      reject(
        new BridgeError("too-slow", {
          words:
            "The checks did not come to an end. Run “doctor” on the bridge's machine to see where they stand.",
          certain: true,
          cause: error ?? read.error,
        }),
      );
  });
  return promise;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const linkOf = ({ link, findings }: z.output<typeof report>["links"][number]): CheckedLink => ({
  name: link,
  findings: findings.map(({ status, what, file, line, cure }) => ({
    kind: status,
    what,
    ...(file === undefined ? {} : { where: typeof line === "number" ? `${file}:${line}` : file }),
    ...(cure === undefined ? {} : { cure }),
  })),
});
