import type { AnswersNothing } from "./answers-nothing.ts";

declare const types: unique symbol;

/**
 * Names the tables that a family of networks has beside the core's, and carries the types of their reads and writes.
 * The tables' owner makes the only key; `Store.family` and `Writes.family` give access by it, in the same transaction
 * as everything else. The rows of a login are removed with it.
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
