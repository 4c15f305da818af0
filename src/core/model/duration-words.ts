const UNITS = [
  { name: "week", seconds: 604_800 },
  { name: "day", seconds: 86_400 },
  { name: "hour", seconds: 3_600 },
  { name: "minute", seconds: 60 },
  { name: "second", seconds: 1 },
] as const;

/** For how long a network takes a change to a message, `window` in milliseconds. */
export const windowWords = (window: number): string =>
  window < 60_000 ? `${Math.round(window / 60_000)} minutes` : durationWords(window / 1_000);

/** A span of time as people say it, by its two largest units: `1 week`, `1 hour and 30 minutes`. */
export function durationWords(seconds: number): string {
  let rest = Math.max(1, Math.round(seconds));
  const parts: string[] = [];
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.seconds);
    if (count === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${count} ${unit.name}${count === 1 ? "" : "s"}`);
    rest -= count * unit.seconds;
    if (parts.length === 2) break;
  }
  return parts.join(" and ");
}
