import { parseArgs } from "node:util";

export interface DemoOptions {
  /** End after the conversation. */
  readonly once: boolean;
  /** One line of JSON instead of words, and no conversation unless `once`. */
  readonly json: boolean;
}

export const usage = `npm run demo [-- --once] [-- --json]

  --once   end after the conversation; the exit status is 0 when every message arrived
  --json   print one line of JSON when all is up, and stay until interrupted
`;

export function parseOptions(args: readonly string[]): DemoOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: { once: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) return "help";
  return { once: values.once === true, json: values.json === true };
}
