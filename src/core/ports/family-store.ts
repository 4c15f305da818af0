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

/** The names of the writes that return something. */
type Answering<Table> = {
  [Name in keyof Table]: Table[Name] extends (...args: never[]) => infer Answer
    ? [Answer, void] extends [void, Answer]
      ? never
      : Name
    : Name;
}[keyof Table];

/**
 * A table of writes, all of which return nothing. A table with a write that returns something becomes a type that does
 * not fit it, so that no record can decide by an answer.
 */
export type AnswersNothing<Table> = [Answering<Table>] extends [never]
  ? Table
  : { readonly "answers, and must not": Answering<Table> };

export type AllAnswerNothing<Tables> = { readonly [Name in keyof Tables]: AnswersNothing<Tables[Name]> };
