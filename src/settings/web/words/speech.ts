import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { keep, kept } from "../api/kept.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import type { Words } from "./words.ts";

/** The placeholders of a text. */
type Names<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<T extends string> = { readonly [N in Names<T>]: string | number };

interface Counted {
  readonly one: string;
  readonly other: string;
}

const languages: Readonly<Record<string, Words>> = { en, de };
export const languageNames: ReadonlyMap<string, string> = new Map(
  Object.entries(languages).map(([code, { language }]) => [code, language]),
);

const KEPT = "third-party-chats.language";
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The language that was chosen here, or else the browser's first that the page has. */
export function preferredLanguage(): string {
  const wanted = [kept("localStorage", KEPT) ?? "", ...navigator.languages].map(
    (tag) => tag.toLowerCase().split("-")[0] ?? "",
  );
  return wanted.find((code) => languageNames.has(code)) ?? "en";
}

export const keepLanguage = (code: string): void => keep("localStorage", KEPT, code);

/** A value that is written from right to left leaves the order of what stands around it alone. */
const isolated = (value: string): string =>
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(value)
    ? `\u2068${value}\u2069`
    : value;

/** The page's words, with values in them as the language writes those. */
export class Speech {
  readonly code: string;
  /** By the keys of the English ones, whose types name the placeholders. */
  readonly words: typeof en;
  readonly #plural: Intl.PluralRules;
  readonly #number: Intl.NumberFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #year: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;

  constructor(code: string) {
    this.code = code;
    this.words = (languages[code] ?? en) as typeof en;
    // The browser's own tag knows how its country writes dates.
    const tag = navigator.languages.find((one) => one.toLowerCase().split("-")[0] === code) ?? code;
    this.#plural = new Intl.PluralRules(tag);
    this.#number = new Intl.NumberFormat(tag);
    this.#relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
    this.#clock = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
    this.#day = new Intl.DateTimeFormat(tag, { day: "numeric", month: "long" });
    this.#moment = new Intl.DateTimeFormat(tag, {
      weekday: "long",
      day: "numeric",
      month: "long",
      hour: "2-digit",
      minute: "2-digit",
    });
    this.#year = new Intl.DateTimeFormat(tag, { day: "numeric", month: "long", year: "numeric" });
  }

  fill<T extends string>(text: T, values: Values<T>): string {
    return this.#filled(text, values);
  }

  #filled(text: string, values: Readonly<Record<string, string | number>>): string {
    return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? "";
      return typeof value === "number" ? this.#number.format(value) : isolated(value);
    });
  }

  count<T extends Counted>(
    texts: T,
    n: number,
    values: Omit<Values<T["other"]>, "n"> & Readonly<Record<string, string | number>>,
  ): string {
    const form = this.#plural.select(n) === "one" ? texts.one : texts.other;
    return this.#filled(form, { ...values, n });
  }

  /** A time in words: relative under a day, else a date. */
  when(at: number, now = Date.now()): string {
    const ago = now - at;
    if (ago < 0 || ago >= DAY)
      return (new Date(at).getFullYear() === new Date(now).getFullYear() ? this.#day : this.#year).format(at);
    if (ago < 60 * MINUTE) return this.#relative.format(-Math.floor(ago / MINUTE), "minute");
    return this.#relative.format(-Math.floor(ago / (60 * MINUTE)), "hour");
  }

  /** A time today as a clock shows it, else a date. */
  since(at: number, now = Date.now()): string {
    const isToday = new Date(at).toDateString() === new Date(now).toDateString();
    if (isToday) return this.#clock.format(at);
    return (new Date(at).getFullYear() === new Date(now).getFullYear() ? this.#day : this.#year).format(at);
  }

  /** A day and its time. */
  moment(at: number): string {
    return this.#moment.format(at);
  }

  /** A span in the largest unit that is whole. */
  hours(n: number): string {
    const [count, unit] = n % 168 === 0 ? [n / 168, "week"] : n % 24 === 0 ? [n / 24, "day"] : [n, "hour"];
    const style = { style: "unit", unit, unitDisplay: "long" } as const;
    return new Intl.NumberFormat(this.code, style).format(count);
  }

  /** `lang` for what the bridge or a network says in its own words, which are English. */
  get foreign(): { readonly lang?: string } {
    return this.code === "en" ? {} : { lang: "en" };
  }
}

export const SpeechContext = createContext(new Speech("en"));

export const useSpeech = (): Speech => useContext(SpeechContext);
