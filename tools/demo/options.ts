import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../world/world.ts";

export interface DemoOptions {
  readonly kind: "run";
  /** Whether to end after the conversation. */
  readonly once: boolean;
  /** Whether to print one line of JSON instead of words, without a conversation unless `once`. */
  readonly json: boolean;
  /** Where the demos keep their folders. */
  readonly data: string;
}

export const usage = `npm run demo [-- --once] [-- --json] [-- --data DIR]

  --once       end after the conversation; the exit status is 0 when every message arrived
  --json       print one line of JSON when all is up, and stay until interrupted
  --data DIR   keep the data in DIR instead of .demo
`;

type Parsed = DemoOptions | { readonly kind: "help" } | { readonly kind: "misused"; readonly words: string };

const read = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      data: { type: "string", default: join(projectRoot, ".demo") },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;

export function parseOptions(args: readonly string[]): Parsed {
  let values: ReturnType<typeof read>;
  try {
    values = read(args);
  } catch (error) {
    const [words = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { kind: "misused", words };
  }
  const { once, json, data, help } = values;
  return help ? { kind: "help" } : { kind: "run", once, json, data: resolve(data) };
}
