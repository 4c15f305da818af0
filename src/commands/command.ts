import type { CommandScope } from "../core/command-scope.ts";
import type { Answer } from "../core/management/answers.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { EventId, NetworkId, RoomId, UserId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Network } from "../core/ports/network.ts";
import type { LoginDialogues } from "./login/login-dialogues.ts";

export interface CommandContext extends CommandScope {
  readonly dialogues: LoginDialogues;
  readonly clock: Clock;
  readonly version: string;
}

export interface CommandRequest {
  readonly user: UserId;
  /** The management room. */
  readonly room: RoomId;
  /** The message with the command. After a crash the command may run again, with the same message. */
  readonly event: EventId;
  /** The words after the command's name. */
  readonly words: readonly string[];
  /** The text after the command's name, as it was written. */
  readonly rest: string;
}

/** What a command is about, in the order of help. */
export type Group = "networks" | "chats" | "rooms" | "contacts" | "settings" | "answers" | "administration";

/** A command of the management room. Help is made of these. */
export interface Command {
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  readonly group: Group;
  /** What to write behind the name for an example, where that cannot be told from the usage. */
  readonly example?: string;
  /** The command that this one takes back, or says in other words; help shows it there. */
  readonly partOf?: string;
  /** A person's commands of the same topic run one at a time; others run beside them. */
  readonly topic?: "login" | "inbox" | "block" | "trust" | "report" | "retry";
  /** Each answer becomes a message. Throws BridgeError with words for the person. */
  run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]>;
}

/**
 * The network that a person named, with or without one of their accounts there; or the sentence that says which there
 * are.
 */
export function networkNamed(word: string | undefined, { networks }: CommandContext): Network | string {
  const ids = [...networks.values()].map(({ id }) => id).join(", ");
  if (ids === "") return "No network is set up on this bridge. Ask its administrator.";
  if (word === undefined) return `Which network? There is: ${ids}.`;
  const network = networks.get(word.split("/")[0]?.toLowerCase() as NetworkId);
  return network ?? `There is no network “${shortened(word, 40)}” here. There is: ${ids}.`;
}
