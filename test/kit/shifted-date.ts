/*
 * Loaded into a program with `--import file:…/shifted-date.ts?by=MILLISECONDS`: its clock is that far from the
 * machine's, so that it finds what was kept long ago as if it had stopped a moment ago.
 */
const by = Number(new URL(import.meta.url).searchParams.get("by"));
const Real = Date;

class ShiftedDate extends Real {
  constructor(...given: readonly unknown[]) {
    // Without arguments it is now; with some, whatever a date is made from.
    super(...((given.length === 0 ? [ShiftedDate.now()] : given) as [number]));
  }

  static override now(): number {
    return Real.now() + by;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
