import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../world/world.ts";

export interface DemoOptions {
  /** End after the conversation. */
  readonly once: boolean;
  /** One line of JSON instead of words, and no conversation unless `once`. */
  readonly json: boolean;
  /** Where the demos keep their folders. */
  readonly data: string;
}

export const usage = `npm run demo [-- --once] [-- --json] [-- --data DIR]

  --once       end after the conversation; the exit status is 0 when every message arrived
  --json       print one line of JSON when all is up, and stay until interrupted
  --data DIR   keep the data in DIR instead of .demo
`;

export function parseOptions(args: readonly string[]): DemoOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      data: { type: "string", default: join(projectRoot, ".demo") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { once, json, data, help } = values;
  return help ? "help" : { once, json, data: resolve(data) };
}
