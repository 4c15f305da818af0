import type { en } from "./en.ts";

/** The same words in another language: all keys, whatever they say. */
type Same<T> = T extends string ? string : { readonly [K in keyof T]: Same<T[K]> };

export type Words = Same<typeof en>;
