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
