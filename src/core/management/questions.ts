import type { EventId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { NewMatrixOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { type Answer, type Answers, isQuestion } from "./answers.ts";

export type Decision = "yes" | "no";

/** The scope of the records of the question that each person was asked last. */
const LAST = "question";
/** The scope of the records of questions that were answered, by row, kept while somebody may answer again. */
const ANSWERED = "question-answered";
const ANSWERED_KEPT = 30 * 86_400_000;
/** The scope of the records of questions after which their person wrote something else, by row. */
const PASSED = "question-passed";
/** Milliseconds in which a plain yes or no answers. */
const PLAIN_WITHIN = 86_400_000;
/** How many earlier questions are recognised, to say that they are closed. */
const MOST_EARLIER = 20;

const DECISIONS: ReadonlyMap<string, Decision> = new Map([
  ["👍", "yes"],
  ["✅", "yes"],
  ["👎", "no"],
  ["❌", "no"],
]);

/** What an emoji answers to a question, in whichever skin tone and presentation. */
export const decisionOf = (emoji: string): Decision | undefined =>
  DECISIONS.get(emoji.replace(/[\p{Emoji_Modifier}\ufe0f]/gu, ""));

/** Who is asked: a person in their management room, or in a room with others. */
export type Asker = UserId | `${RoomId} ${UserId}`;

type Asked = {
  /** The row that asks. */
  readonly row: OutboxId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly earlier: readonly OutboxId[];
} & { readonly [D in Decision]?: string };

interface Reading {
  /** The command that is meant. */
  readonly text: string;
  /** Whether a question was open. */
  readonly asked: boolean;
  /** Ends the question, with what comes of the command. */
  readonly close: (tx: Writes) => void;
}

const nothing = (): void => {};

/** What people are asked in their management rooms, and their answers: of each person the last question is open. */
export class Questions {
  readonly #store: Store;
  readonly #answers: Pick<Answers, "rows">;
  readonly #now: () => number;

  constructor(store: Store, answers: Pick<Answers, "rows">, now: () => number) {
    this.#store = store;
    this.#answers = answers;
    this.#now = now;
  }

  /** The writes that say answers in a person's room; a question among them becomes their last. */
  async say(user: Asker, room: RoomId, said: readonly Answer[]): Promise<(tx: Writes) => void> {
    const rows: NewMatrixOutboxRow[] = [];
    let asks = nothing as (tx: Writes) => void;
    for (const answer of said) {
      const made = await this.#answers.rows(room, [answer]);
      rows.push(...made);
      const row = made[0]?.id;
      if (row === undefined || !isQuestion(answer)) continue;
      const decisions = answer.choices.flatMap(({ means, text }) => (means ? [[means, text] as const] : []));
      if (decisions.length === 0) continue;
      const before = await this.#last(user);
      const earlier = before ? [before.row, ...before.earlier].slice(0, MOST_EARLIER) : [];
      const at = this.#now();
      const asked = JSON.stringify({ row, at, earlier, ...Object.fromEntries(decisions) });
      asks = (tx) => tx.records.set(LAST, user, asked);
    }
    return (tx) => {
      for (const row of rows) tx.matrixOutbox.add(row);
      asks(tx);
    };
  }

  /**
   * Reads what a person wrote, where it may be a plain yes or no to the open question. `late`: what it would have chosen;
   * with something in between, or long after, it may be meant for something else.
   */
  async read(
    user: Asker,
    text: string,
    decision: Decision | undefined,
  ): Promise<Reading | { readonly late: string }> {
    const open = await this.#open(user);
    if (!open) return { text, asked: false, close: nothing };
    const chosen = decision && open[decision];
    // A word that stands for itself is judged by its command.
    if (chosen !== undefined && chosen !== decision && (await this.#isPassed(open))) return { late: chosen };
    const isAnswered = chosen !== undefined || firstWord(text) === firstWord(open.yes ?? "");
    return { text: chosen ?? text, asked: true, close: this.#noting(isAnswered ? ANSWERED : PASSED, open) };
  }

  /** Reads a reaction; undefined where it is to no question. */
  async reacted(
    user: Asker,
    { target, emoji }: { readonly target: EventId; readonly emoji: string },
  ): Promise<Reading | { readonly closed: string | undefined } | "unclear" | undefined> {
    const last = await this.#last(user);
    if (!last) return undefined;
    const row = await this.#rowOf(target, [last.row, ...last.earlier]);
    if (row === undefined) return undefined;
    const decision = decisionOf(emoji);
    if (decision === undefined) return "unclear";
    const open = row === last.row ? await this.#open(user) : undefined;
    const text = open?.[decision];
    if (open && text !== undefined) return { text, asked: true, close: this.#noting(ANSWERED, open) };
    return { closed: row === last.row ? last[decision] : undefined };
  }

  async #rowOf(event: EventId, rows: readonly OutboxId[]): Promise<OutboxId | undefined> {
    for (const row of rows) if ((await this.#store.matrixOutbox.sentAs(row))?.event === event) return row;
    return undefined;
  }

  async #open(user: Asker): Promise<Asked | undefined> {
    const last = await this.#last(user);
    // Later it is not known whether it was answered.
    if (!last || this.#now() - last.at >= ANSWERED_KEPT) return undefined;
    return (await this.#store.records.get(ANSWERED, last.row)) === undefined ? last : undefined;
  }

  async #isPassed({ row, at }: Asked): Promise<boolean> {
    return this.#now() - at > PLAIN_WITHIN || (await this.#store.records.get(PASSED, row)) !== undefined;
  }

  async #last(user: Asker): Promise<Asked | undefined> {
    const kept = await this.#store.records.get(LAST, user);
    return kept === undefined ? undefined : ({ at: 0, ...JSON.parse(kept) } as Asked);
  }

  #noting(what: typeof ANSWERED | typeof PASSED, { row }: Asked): (tx: Writes) => void {
    const until = this.#now() + ANSWERED_KEPT;
    return (tx) => tx.records.set(what, row, "", until);
  }
}

const firstWord = (text: string): string => text.trim().split(/\s/u, 1)[0]?.toLowerCase() ?? "";

/** Makes a person's last question no longer the one that a plain yes or no answers. */
export const forgetQuestion = (tx: Writes, user: UserId): void => tx.records.remove(LAST, user);
