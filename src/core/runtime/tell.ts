import type { UserId } from "../model/ids.ts";
import type { Writes } from "../ports/store.ts";

/** Sends a notice to a person's management room; `also` is committed with it. */
export type Tell = (user: UserId, words: string, also?: (tx: Writes) => void) => Promise<void>;
