import type { MatrixEvent } from "../model/events.ts";
import type { Access } from "../ports/access.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Writes } from "../ports/store.ts";
import { askerOf, type CommandRunner, type CommandRuns } from "./command-runs.ts";
import type { Questions } from "./questions.ts";
import { toBot } from "./to-bot.ts";

interface RoomCommandsParts {
  readonly homeserver: Pick<Homeserver, "isOurs">;
  readonly access: Access;
  readonly questions: Questions;
  readonly commands: Pick<CommandRunner, "isForRooms" | "decision" | "written">;
  readonly runs: Pick<CommandRuns, "run">;
}

/** Reads the commands that are for a room with others in it, in which all else is between them. */
export class RoomCommands {
  readonly #parts: RoomCommandsParts;

  constructor(parts: RoomCommandsParts) {
    this.#parts = parts;
  }

  /** The writes for a command, or for an answer to what it asked; undefined for anything else. */
  async read(event: MatrixEvent): Promise<((tx: Writes) => void) | undefined> {
    const { homeserver, access, commands, runs } = this.#parts;
    const { sender: user, room, id, at } = event;
    if (homeserver.isOurs(user) || access.levelOf(user) === "none") return undefined;
    const read = await this.#commandIn(event);
    if (read === undefined) return undefined;
    // What people say to one another ends a question, so that no later “yes” of theirs answers it.
    if (!commands.isForRooms(read.text)) return read.asked ? read.close : undefined;
    const outcome = await runs.run({ user, room, event: id, at, text: read.text, amongOthers: true });
    return (tx) => {
      read.close(tx);
      outcome(tx);
    };
  }

  async #commandIn(
    event: MatrixEvent,
  ): Promise<
    { readonly text: string; readonly asked: boolean; readonly close: (tx: Writes) => void } | undefined
  > {
    const { questions, commands } = this.#parts;
    const { sender: user, room } = event;
    const said = toBot(event);
    if (said === undefined || said.kind === "unread") return undefined;
    const asker = askerOf({ user, room, amongOthers: true });
    if (said.kind === "reaction") {
      const read = await questions.reacted(asker, said);
      return typeof read === "object" && "text" in read ? read : undefined;
    }
    const text = said.kind === "command" ? said.text : commands.written(said.invocation);
    const read = await questions.read(asker, text, commands.decision({ user, text }));
    return "late" in read ? undefined : read;
  }
}
