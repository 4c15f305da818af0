/** The least and the most of each field, and the names some take (crontab(5)). */
const FIELDS = [
  { name: "minute", least: 0, most: 59, names: [] },
  { name: "hour", least: 0, most: 23, names: [] },
  { name: "day of the month", least: 1, most: 31, names: [] },
  { name: "month", least: 1, most: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
  { name: "day of the week", least: 0, most: 7, names: "sun mon tue wed thu fri sat".split(" ") },
] as const;

interface Scheduled {
  /** What `/bin/sh` is given. */
  readonly command: string;
  /** What it reads. */
  readonly input: string;
}

/**
 * Reads a line of a person's crontab as cron does: five fields, and a command that ends at the first `%` without a
 * backslash; what is behind it is what the command reads, with each further `%` a new line. Throws where cron would refuse.
 */
export function crontabLine(line: string): Scheduled {
  const [, ...parts] = /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line) ?? [];
  const rest = parts.pop();
  if (rest === undefined) throw new Error(`Not five fields and a command: ${line}`);
  for (const [at, field] of FIELDS.entries())
    if (!isField(parts[at] ?? "", field)) throw new Error(`Not a ${field.name}: ${parts[at]}`);
  const [command = "", ...input] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll("\\%", "%"));
  return { command, input: input.map((each) => `${each}\n`).join("") };
}

function isField(text: string, { least, most, names }: (typeof FIELDS)[number]): boolean {
  const isValue = (value: string): boolean =>
    /^\d+$/.test(value)
      ? Number(value) >= least && Number(value) <= most
      : (names as readonly string[]).includes(value.toLowerCase());
  return text.split(",").every((one) => {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(one) ?? [];
    const isRange = range === "*" || range.split("-", 2).every(isValue);
    return isRange && range.split("-").length <= 2 && step !== "0";
  });
}
