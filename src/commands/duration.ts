const UNITS: readonly (readonly [name: RegExp, seconds: number])[] = [
  [/^s(ec(ond)?s?)?$/, 1],
  [/^m(in(ute)?s?)?$/, 60],
  [/^h(ours?)?$/, 3_600],
  [/^d(ays?)?$/, 86_400],
  [/^w(eeks?)?$/, 604_800],
];

/** The seconds of a time as people write it, such as `30s`, `1 week` or `off`, which is 0; undefined where it is none. */
export function secondsNamed(text: string): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === "off") return 0;
  const [, count = "", unit = ""] = /^(\d{1,9})\s*([a-z]+)$/.exec(typed) ?? [];
  const seconds = UNITS.find(([name]) => name.test(unit))?.[1];
  return seconds === undefined || Number(count) === 0 ? undefined : Number(count) * seconds;
}
