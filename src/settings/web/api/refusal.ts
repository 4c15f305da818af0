/** A request that was not carried out: refused, or never answered, which is status 0. */
export class Refusal extends Error {
  readonly status: number;
  readonly errcode: string;

  /** @param words for the person, in English; empty where there was no answer. */
  constructor(status: number, errcode: string, words: string) {
    super(words);
    this.name = "Refusal";
    this.status = status;
    this.errcode = errcode;
  }

  static from(this: void, cause: unknown): Refusal {
    return cause instanceof Refusal ? cause : new Refusal(0, "", "");
  }
}
