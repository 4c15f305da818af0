import type { UserId } from "../model/ids.ts";
import type { Writes } from "../ports/store.ts";

/** Says something to a person in their management room; `also` is committed with it. */
export type Tell = (user: UserId, words: string, also?: (tx: Writes) => void) => Promise<void>;
