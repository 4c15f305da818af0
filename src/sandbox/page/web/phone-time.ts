const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export const timeOf = (at: number): string => time.format(at);
export const dayOf = (at: number): string => day.format(at);

/** A time today, else a date. */
export const shortly = (at: number): string =>
  new Date(at).toDateString() === new Date().toDateString() ? time.format(at) : shortDay.format(at);
