import type { Invocation } from "../model/events.ts";
import type { EventId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { CommandDescription, Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import { backOff } from "../runtime/back-off.ts";
import type { Answer, Answers } from "./answers.ts";
import type { Asker, Decision, Questions } from "./questions.ts";

/**
 * Runs the commands that people write to the bot. After a crash before the answers are stored, the same `event` is run
 * again.
 */
export interface CommandRunner {
  run(request: CommandRequest): Promise<readonly Answer[]>;
  /** The words for a person whose command takes long. */
  meanwhile(request: CommandRequest): string;
  /** The text to store of a long command, without secrets, to run it again after a crash. */
  kept(request: CommandRequest): string;
  /** Called at the start, before any command: goes on with what no single command owns. */
  resume(): Promise<void>;
  /** Whether a message is a plain yes or no; undefined too where a step of a login flow asks for what it says. */
  decision(request: Pick<CommandRequest, "user" | "text">): Decision | undefined;
  /** A command that a client has read, as the person would have typed it. */
  written(invocation: Invocation): string;
  /** Reads a command that is written as to another bridge's bot: `!wa login`. */
  prefixed(text: string): Prefixed | undefined;
  /** Whether what somebody wrote in a room with others is a command that is for such rooms. */
  isForRooms(text: string): boolean;
  /** The commands that a person has. */
  describe(user: UserId): readonly CommandDescription[];
}

/** A command behind the prefix of a bridge. */
export interface Prefixed {
  readonly prefix: string;
  /** What follows the prefix. */
  readonly rest: string;
  /** Whether that begins with a command of ours, or one of other bridges; or nothing follows. */
  readonly isCommand: boolean;
}

interface CommandRequest {
  readonly user: UserId;
  /** The room in which the person wrote the command: their management room, unless others are there. */
  readonly room: RoomId;
  readonly event: EventId;
  readonly text: string;
}

interface CommandToRun extends CommandRequest {
  /** When the command was written, which orders the commands that are run again. */
  readonly at: number;
  /** Whether it was written in a room with others, where it is answered. */
  readonly amongOthers?: true;
}

/** Who is asked something by a command's answers. */
export const askerOf = ({ user, room, amongOthers }: Omit<CommandToRun, "event" | "at" | "text">): Asker =>
  amongOthers ? `${room} ${user}` : user;

interface CommandRunsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly commands: CommandRunner;
  readonly answers: Answers;
  readonly questions: Questions;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends the answers to this room, or to the person's present one; `also` is committed with them. */
  readonly answer: (
    command: Pick<CommandToRun, "user" | "room" | "amongOthers">,
    answers: readonly Answer[],
    also: (tx: Writes) => void,
  ) => Promise<void>;
}

/** The scope of the records of long commands, by event id: they are run again after a crash. */
const SCOPE = "commands";
/** The record of an answered command, kept while its event may come a second time. */
const ANSWERED = "answered";
/** Milliseconds for which that record is kept. */
const ANSWERED_KEPT = 7 * 86_400_000;
/** Milliseconds until the bot shows that it types, and until it says that the command takes long. */
const TYPING_AFTER = 300;
const PROGRESS_AFTER = 1_500;
/** Milliseconds between two typing requests, as the homeserver shows typing for 30 s. */
const TYPING_EVERY = 20_000;

const nothing = () => {};

/** Runs commands: a quick one is answered in order, a slow one does not hold up the person's next commands. */
export class CommandRuns implements Disposable {
  readonly #parts: CommandRunsParts;
  #closed = false;

  constructor(parts: CommandRunsParts) {
    this.#parts = parts;
  }

  /** Runs a command. Resolves with the writes of its outcome, or with none when the command takes long. */
  async run(command: CommandToRun): Promise<(tx: Writes) => void> {
    const { store, answers, questions, commands } = this.#parts;
    if ((await store.records.get(SCOPE, command.event)) !== undefined) return nothing;
    // Asked now: what a message answers may be over before the message is handled.
    const [words, text] = [commands.meanwhile(command), commands.kept(command)];
    const running = this.#start(command);
    const outcome = await this.#withinProgress(running);
    if (outcome) return questions.say(askerOf(command), command.room, outcome);
    const progress = answers.notice(command.room, words);
    // Stored before `#finish` can end the command, which then overwrites the record.
    await store.write((tx) => {
      tx.records.set(SCOPE, command.event, JSON.stringify({ ...command, text }));
      tx.matrixOutbox.add(progress);
    });
    void this.#finish(command, running);
    return nothing;
  }

  /** Runs the commands again that were running when the bridge ended. */
  async resume(): Promise<void> {
    const { store, commands } = this.#parts;
    await commands.resume();
    const records = (await store.records.all(SCOPE)).filter(({ value }) => value !== ANSWERED);
    const left = records.map(({ value }) => JSON.parse(value) as CommandToRun);
    for (const command of left.toSorted((one, other) => one.at - other.at))
      void this.#finish(command, this.#start(command));
  }

  /** Commands that are still running are run again at the next start. */
  [Symbol.dispose](): void {
    this.#closed = true;
  }

  #start({ user, event, text, room }: CommandToRun): Promise<readonly Answer[]> {
    const typing = this.#typing(room);
    return this.#parts.commands.run({ user, room, event, text }).finally(typing);
  }

  #withinProgress(running: Promise<readonly Answer[]>): Promise<readonly Answer[] | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(PROGRESS_AFTER, () => resolve(undefined));
      running.then(resolve, reject).finally(cancel);
    });
  }

  async #finish(command: CommandToRun, running: Promise<readonly Answer[]>): Promise<void> {
    const { answer, log, clock } = this.#parts;
    const answers = await this.#outcome(command, running);
    if (!answers) return;
    const ended = (tx: Writes): void =>
      tx.records.set(SCOPE, command.event, ANSWERED, clock.now() + ANSWERED_KEPT);
    for (let failures = 0; !this.#closed; failures += 1) {
      try {
        await answer(command, answers, ended);
        return;
      } catch (error) {
        log.warn("an answer waits to be stored", { event: command.event, ...faultOf(error) });
      }
      await new Promise<void>((resolve) => void clock.after(backOff(failures), resolve));
    }
  }

  /** The command's answers; undefined where the bridge stops meanwhile, as the next start runs it again. */
  async #outcome(
    command: CommandToRun,
    running: Promise<readonly Answer[]>,
  ): Promise<readonly Answer[] | undefined> {
    try {
      return await running;
    } catch (error) {
      this.#parts.log.info("a command is taken up at the next start", {
        event: command.event,
        ...faultOf(error),
      });
      return undefined;
    }
  }

  /** Shows the bot typing; calling the answer ends that. Best effort. */
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
      cancel = clock.after(TYPING_EVERY, again);
    };
    let cancel = clock.after(TYPING_AFTER, again);
    return () => {
      cancel();
      if (shown) show(false);
    };
  }
}
