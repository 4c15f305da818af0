/** The names of the writes that answer something. */
type Answering<Table> = {
  [Name in keyof Table]: Table[Name] extends (...args: never[]) => infer Answer
    ? [Answer, void] extends [void, Answer]
      ? never
      : Name
    : Name;
}[keyof Table];

/**
 * A table whose members are writes that answer nothing. One with a write that answers becomes a type that it does not
 * fit, so that a record which decides by an answer cannot be written.
 */
export type AnswersNothing<Table> = [Answering<Table>] extends [never]
  ? Table
  : { readonly "answers, and must not": Answering<Table> };

export type AllAnswerNothing<Tables> = { readonly [Name in keyof Tables]: AnswersNothing<Tables[Name]> };
