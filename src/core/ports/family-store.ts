import type { AnswersNothing } from "./answers-nothing.ts";

declare const types: unique symbol;

/**
 * Names the tables that a family of networks keeps beside the core's, and carries the types they are read and written
 * by. Who owns the tables makes the one key; `Store.family` and `Writes.family` give what it stands for, in the
 * transaction of everything else. They go with a login as the core's tables do.
 */
export interface FamilyKey<Reads, Writes> {
  /** The folder of the tables under `src/store/families`. */
  readonly family: string;
  readonly [types]?: { readonly reads: Reads; readonly writes: Writes };
}

export interface FamilyReads {
  /** Throws where the store was opened without the family. */
  family<Reads, Writes>(key: FamilyKey<Reads, Writes>): Reads;
}

export interface FamilyWrites {
  /** Throws where the store was opened without the family. */
  family<Reads, Writes>(key: FamilyKey<Reads, Writes>): AnswersNothing<Writes>;
}
