import type { EventId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import { backOff } from "../runtime/back-off.ts";
import type { Answer, Answers } from "./answers.ts";

/**
 * Answers what a person wrote to the bot; each answer becomes a message. A crash before the answers are stored has
 * the same `event` run again.
 */
export interface CommandRunner {
  run(request: CommandRequest): Promise<readonly Answer[]>;
  /** What a person is told while it takes its time. */
  meanwhile(request: CommandRequest): string;
  /** The text to be kept while it does, to be run again after a crash: what is secret is left out. */
  kept(request: CommandRequest): string;
  /** At start, before any command is run: takes up what is not a command's own. */
  resume(): Promise<void>;
}

interface CommandRequest {
  readonly user: UserId;
  /** The management room it was written in. */
  readonly room: RoomId;
  readonly event: EventId;
  readonly text: string;
}

interface Asked extends CommandRequest {
  /** When it was written, which is the order commands are taken up in again. */
  readonly at: number;
}

interface CommandRunsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly commands: CommandRunner;
  readonly answers: Answers;
  readonly clock: Clock;
  readonly log: Log;
  /** Says it in this room, or in another where that is not the person's any more; `also` is committed with it. */
  readonly answer: (
    asked: { readonly user: UserId; readonly room: RoomId },
    answers: readonly Answer[],
    also: (tx: Writes) => void,
  ) => Promise<void>;
}

/** Scope of the records of commands that take long, by the message that asked: they are run again after a crash. */
const SCOPE = "commands";
/** Stands in the record of one that was answered, while the message that asked may still come a second time. */
const ANSWERED = "answered";
/** Milliseconds. */
const KEEP = 7 * 86_400_000;
/** Milliseconds until the person sees the bot type, and until they are told that it takes time. */
const TYPES_AFTER = 300;
const TOLD_AFTER = 1_500;
/** The homeserver shows it for 30 s. */
const TYPES_AGAIN = 20_000;

const nothing = () => {};

/** Runs commands: a quick one is answered in its turn, a slow one holds up nothing that its person writes next. */
export class CommandRuns implements Disposable {
  readonly #parts: CommandRunsParts;
  #closed = false;

  constructor(parts: CommandRunsParts) {
    this.#parts = parts;
  }

  /** Resolves with what is to be committed as the outcome, once it is known or takes too long to wait for. */
  async run(asked: Asked): Promise<(tx: Writes) => void> {
    const { store, answers, commands } = this.#parts;
    if ((await store.records.get(SCOPE, asked.event)) !== undefined) return nothing;
    const running = this.#start(asked);
    const outcome = await this.#soon(running);
    if (outcome) {
      const rows = await answers.rows(asked.room, outcome);
      return (tx) => rows.forEach((row) => tx.matrixOutbox.add(row));
    }
    const early = answers.notice(asked.room, commands.meanwhile(asked));
    // Before it can end, so that its end finds the record.
    await store.write((tx) => {
      tx.records.set(SCOPE, asked.event, JSON.stringify({ ...asked, text: commands.kept(asked) }));
      tx.matrixOutbox.add(early);
    });
    void this.#finish(asked, running);
    return nothing;
  }

  /** Takes up what was under way when the bridge ended. */
  async resume(): Promise<void> {
    const { store, commands } = this.#parts;
    await commands.resume();
    const records = (await store.records.all(SCOPE)).filter(({ value }) => value !== ANSWERED);
    const left = records.map(({ value }) => JSON.parse(value) as Asked);
    for (const asked of left.toSorted((one, other) => one.at - other.at))
      void this.#finish(asked, this.#start(asked));
  }

  /** What is not done by now is taken up at the next start. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }

  #start({ user, event, text, room }: Asked): Promise<readonly Answer[]> {
    const typing = this.#typing(room);
    return this.#parts.commands.run({ user, room, event, text }).finally(typing);
  }

  #soon(running: Promise<readonly Answer[]>): Promise<readonly Answer[] | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(TOLD_AFTER, () => resolve(undefined));
      running.then(resolve, reject).finally(cancel);
    });
  }

  async #finish(asked: Asked, running: Promise<readonly Answer[]>): Promise<void> {
    const { answer, log, clock } = this.#parts;
    const answers = await this.#outcome(asked, running);
    if (!answers) return;
    const ended = (tx: Writes): void => tx.records.set(SCOPE, asked.event, ANSWERED, clock.now() + KEEP);
    for (let failures = 0; !this.#closed; failures += 1) {
      try {
        await answer(asked, answers, ended);
        return;
      } catch (error) {
        log.warn("an answer waits to be stored", { event: asked.event, ...faultOf(error) });
      }
      await new Promise<void>((resolve) => void clock.after(backOff(failures), resolve));
    }
  }

  /** Undefined where the bridge stops meanwhile: the next start runs it again. */
  async #outcome(asked: Asked, running: Promise<readonly Answer[]>): Promise<readonly Answer[] | undefined> {
    try {
      return await running;
    } catch (error) {
      this.#parts.log.info("a command is taken up at the next start", {
        event: asked.event,
        ...faultOf(error),
      });
      return undefined;
    }
  }

  /** Shows that the bot is at work; gives what ends that. Best effort. */
  #typing(room: RoomId): () => void {
    const { clock, homeserver, log } = this.#parts;
    let shown = false;
    const show = (active: boolean): void => {
      shown = active;
      homeserver
        .setTyping(homeserver.bot, room, active)
        .catch((error: unknown) => log.debug("the bot was not shown to type", faultOf(error)));
    };
    const again = (): void => {
      show(true);
      cancel = clock.after(TYPES_AGAIN, again);
    };
    let cancel = clock.after(TYPES_AFTER, again);
    return () => {
      cancel();
      if (shown) show(false);
    };
  }
}
