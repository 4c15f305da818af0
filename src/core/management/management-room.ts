import { ENCRYPTED_NOW } from "../chats/encryption/encryption-words.ts";
import { BridgeError } from "../model/errors.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Access } from "../ports/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Answers } from "./answers.ts";
import { type CommandDescriptions, looksForCommands } from "./command-descriptions.ts";
import { type CommandRunner, CommandRuns, type Prefixed } from "./command-runs.ts";
import type { ManagementRooms } from "./management-rooms.ts";
import * as words from "./management-words.ts";
import type { Notices } from "./notices.ts";
import type { Questions } from "./questions.ts";
import { RoomCommands } from "./room-commands.ts";
import { type MessageToBot, toBot } from "./to-bot.ts";

interface ManagementRoomParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly answers: Answers;
  readonly questions: Questions;
  readonly rooms: ManagementRooms;
  /** Runs everything that concerns a person's room one after the other, by user id. */
  readonly serial: SerialByKey;
  readonly notices: Notices;
  readonly access: Access;
  readonly commands: CommandRunner;
  readonly descriptions: CommandDescriptions;
  readonly clock: Clock;
  readonly log: Log;
  /** When this database was made (milliseconds since the epoch); older messages are not answered. */
  readonly begun: number;
}

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { kind: K }>;

const nothing = () => {};
/** Milliseconds in which the bot does not repeat the same words in a room, as for several files at once. */
const SAME_WORDS = 10_000;

/** Handles events of the management rooms, the direct chats with the bot. */
export class ManagementRoom implements Disposable {
  readonly #parts: ManagementRoomParts;
  readonly #runs: CommandRuns;
  readonly #roomCommands: RoomCommands;
  /** What the bot last said about messages that are no commands, by room. */
  readonly #said = new Map<RoomId, { readonly words: string; readonly at: number }>();

  constructor(parts: ManagementRoomParts) {
    this.#parts = parts;
    this.#runs = new CommandRuns({ ...parts, answer: (...answer) => parts.notices.answer(...answer) });
    this.#roomCommands = new RoomCommands({ ...parts, runs: this.#runs });
  }

  /** Reads a message in a chat as one that is written to another bridge's bot. */
  prefixed(text: string): Prefixed | undefined {
    return this.#parts.commands.prefixed(text);
  }

  /** Whether a message is a command for a room with others that is no chat yet. */
  isForRooms(text: string): boolean {
    return this.#parts.commands.isForRooms(text);
  }

  /** Runs the commands again that were running when the bridge ended. */
  resume(): Promise<void> {
    return this.#runs.resume();
  }

  [Symbol.dispose](): void {
    this.#runs[Symbol.dispose]();
  }

  /** Handles an event outside portals; the writes it answers are committed together with the end of its inbox row. */
  async handle(event: MatrixEvent): Promise<(tx: Writes) => void> {
    const { store, homeserver } = this.#parts;
    if (event.kind === "member") return this.#memberChanged(event);
    if (homeserver.isOurs(event.sender)) return nothing;
    const owner = await store.rooms.owner(event.room);
    const amongOthers = owner === undefined ? await this.#roomCommands.read(event) : undefined;
    if (amongOthers) return amongOthers;
    const isOwners = owner === undefined ? await this.#adoptRoom(event) : await this.#isFrom(owner, event);
    return isOwners ? this.#answer(event) : nothing;
  }

  /** Tells a person, in their management room, that the bot could not join the room they invited it to. */
  async notJoined({ sender, user }: Of<"member">): Promise<void> {
    const { homeserver, access } = this.#parts;
    if (user !== homeserver.bot || homeserver.isOurs(sender) || access.levelOf(sender) === "none") return;
    await this.#parts.notices.tell(sender, words.NOT_JOINED);
  }

  #isFrom(owner: UserId, { sender, room }: MatrixEvent): Promise<boolean> {
    if (owner !== sender) return Promise.resolve(false);
    return this.#parts.serial.run(owner, () => this.#parts.rooms.stays(room, owner));
  }

  /** Makes an unknown room of the sender and the bot their management room; the bot was in it before this database was made. */
  async #adoptRoom({ kind, room, sender }: MatrixEvent): Promise<boolean> {
    const { access, store } = this.#parts;
    if ((kind !== "message" && kind !== "encrypted") || access.levelOf(sender) === "none") return false;
    return this.#parts.serial.run(sender, async () => {
      // The bot may be about to leave, with rows of its reason still in the outbox.
      if (kind === "encrypted" && (await store.matrixOutbox.next(room, 1)).length > 0) return false;
      if (!(await this.#parts.rooms.isBetween(room, sender))) return false;
      return this.#parts.rooms.settle(room, sender, "known");
    });
  }

  /** Answers what a person did in their management room. */
  async #answer(event: MatrixEvent): Promise<(tx: Writes) => void> {
    const { access, begun, homeserver } = this.#parts;
    const { sender: user, room, at } = event;
    if (homeserver.encryption) {
      if (event.kind === "encryption-enabled") return this.#once(room, ENCRYPTED_NOW);
    } else if (event.kind === "encrypted" || event.kind === "encryption-enabled") {
      await this.#parts.serial.run(user, () => this.#parts.rooms.moveOut(room, user));
      return nothing;
    }
    const toAnswer = toBot(event);
    if (toAnswer === undefined) return nothing;
    if (access.levelOf(user) === "none") return this.#once(room, words.NOT_ALLOWED);
    if (at < begun) return this.#once(room, words.WRITTEN_BEFORE);
    if (toAnswer.kind === "unread") {
      if (toAnswer.each) this.#said.delete(room);
      return this.#once(room, words.notRead(toAnswer.what));
    }
    const read = await this.#read(event, toAnswer);
    if (typeof read === "string") return this.#once(room, read);
    if (looksForCommands(read.text))
      this.#parts.descriptions.refresh(room, this.#parts.commands.describe(user));
    const outcome = await this.#runs.run({ user, room, event: event.id, at, text: read.text });
    return (tx) => {
      // First, as the outcome may ask the next question.
      read.close(tx);
      outcome(tx);
    };
  }

  /** The command that a message or a reaction means, or the words for one that means none. */
  async #read({ sender: user, room }: MatrixEvent, said: Exclude<MessageToBot, { kind: "unread" }>) {
    const { questions, commands } = this.#parts;
    if (said.kind !== "reaction") {
      const text = said.kind === "command" ? said.text : commands.written(said.invocation);
      const read = await questions.read(user, text, commands.decision({ user, text }));
      if (!("late" in read)) return read;
      // It was written, so it is answered each time.
      this.#said.delete(room);
      return words.lateAnswer(read.late);
    }
    const read = await questions.reacted(user, said);
    if (read === undefined) return words.notRead("reactions");
    if (read === "unclear") return words.UNCLEAR_REACTION;
    return "closed" in read ? words.closedQuestion(read.closed) : read;
  }

  #once(room: RoomId, said: string): (tx: Writes) => void {
    const { clock, answers } = this.#parts;
    const before = this.#said.get(room);
    const now = clock.now();
    if (before?.words === said && Math.abs(now - before.at) < SAME_WORDS) return nothing;
    this.#said.set(room, { words: said, at: now });
    const row = answers.notice(room, said);
    return (tx) => tx.matrixOutbox.add(row);
  }

  async #memberChanged(event: Of<"member">): Promise<(tx: Writes) => void> {
    const { homeserver, store } = this.#parts;
    const { user, room, membership } = event;
    const out = membership === "leave" || membership === "ban";
    if (user === homeserver.bot && membership === "invite") return this.#invited(event);
    const owner = await store.rooms.owner(room);
    if (owner === undefined || homeserver.isOurs(event.sender)) return nothing;
    this.#parts.rooms.membersChanged(room);
    if (out && user === homeserver.bot) return (tx) => tx.rooms.remove(room);
    if (out && user === owner) await this.#parts.serial.run(owner, () => this.#parts.rooms.abandon(room));
    else if (!out) await this.#parts.serial.run(owner, () => this.#parts.rooms.stays(room, owner));
    return nothing;
  }

  async #invited({ sender, room }: Of<"member">): Promise<(tx: Writes) => void> {
    const { homeserver, access, log } = this.#parts;
    if (homeserver.isOurs(sender)) return nothing;
    if (access.levelOf(sender) === "none") {
      log.warn("an invitation was declined, for “permissions” names nobody its sender is among", {
        user: sender,
        room,
      });
      await homeserver.leave(homeserver.bot, room, words.NOT_ALLOWED);
      return nothing;
    }
    try {
      await homeserver.join(homeserver.bot, room);
    } catch (error) {
      if (!BridgeError.from(error).shut) throw error;
      log.info("the bot was not let into a room it was invited to", { room });
      await this.#parts.notices.tell(sender, words.NOT_LET_IN);
      return nothing;
    }
    await this.#parts.serial.run(sender, () => this.#parts.rooms.settle(room, sender, "new"));
    return nothing;
  }
}
