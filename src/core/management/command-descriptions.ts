import { BridgeError } from "../model/errors.ts";
import type { RoomId } from "../model/ids.ts";
import type { CommandDescription, Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";

interface CommandDescriptionsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly log: Log;
}

/** The scope of the records of what is described in a management room, by room. */
const SCOPE = "commands-described";

/** Of what was described in a room: its text by the command's name. */
type Described = Readonly<Record<string, number>>;

/** Describes the bot's commands in management rooms, for clients that offer them as slash commands. */
export class CommandDescriptions {
  readonly #parts: CommandDescriptionsParts;
  readonly #running = new Set<RoomId>();

  constructor(parts: CommandDescriptionsParts) {
    this.#parts = parts;
  }

  /** Brings a room's descriptions up to date, without being waited for. Best effort: a client can do without. */
  refresh(room: RoomId, commands: readonly CommandDescription[]): void {
    if (this.#running.has(room)) return;
    this.#running.add(room);
    this.#refresh(room, commands)
      .catch((error: unknown) => {
        if (!BridgeError.from(error).outage)
          this.#parts.log.info("commands are not described in a room", { room, ...faultOf(error) });
      })
      .finally(() => this.#running.delete(room));
  }

  async #refresh(room: RoomId, commands: readonly CommandDescription[]): Promise<void> {
    const { store, homeserver, encoder } = this.#parts;
    const kept = await store.records.get(SCOPE, room);
    const before = (kept === undefined ? {} : JSON.parse(kept)) as Described;
    const now: Described = Object.fromEntries(commands.map((one) => [one.name, printOf(one)]));
    const changed = commands.filter(({ name }) => before[name] !== now[name]);
    const gone = Object.keys(before).filter((name) => now[name] === undefined);
    if (changed.length + gone.length === 0) return;
    const condition = await homeserver.roomCondition(room, {});
    // In a room that a person has made the bot often has no power to.
    if (condition.kind !== "usable" || condition.weak) return;
    const { bot } = homeserver;
    for (const command of changed) {
      const { type, stateKey, content } = encoder.commandDescription(command, bot);
      await homeserver.setState(bot, room, type, stateKey, content);
    }
    for (const name of gone) {
      const { type, stateKey } = encoder.commandDescription({ name, summary: "", parameters: [] }, bot);
      await homeserver.setState(bot, room, type, stateKey, {});
    }
    await store.write((tx) => tx.records.set(SCOPE, room, JSON.stringify(now)));
  }
}

/** A checksum (FNV-1a): by it another text of the same command is told apart, nothing more. */
function printOf(command: CommandDescription): number {
  let print = 0x811c9dc5;
  for (const letter of JSON.stringify(command))
    print = Math.imul(print ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return print;
}

/** Whether a command shows that its writer looks for what there is. */
export const looksForCommands = (text: string): boolean => /^\W*help\b/iu.test(text);
