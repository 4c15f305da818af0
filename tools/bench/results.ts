/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly measured: string;
  readonly aim: string;
  readonly limit: string;
}

export const perSecond = (count: number, ms: number): string =>
  `${Math.round((count * 1000) / ms).toLocaleString("en")}/s`;

export const inMs = (ms: number): string =>
  ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms).toLocaleString("en")} ms`;

/** The value below which the given share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A table as it stands in docs/speed.md. */
export function asMarkdown(results: readonly Result[]): string {
  const rows = results.map(
    ({ what, measured, aim, limit }) => `| ${what} | ${measured} | ${aim} | ${limit} |`,
  );
  return ["| | measured | aim | what limits it |", "|---|---|---|---|", ...rows].join("\n");
}
