import type { CommandScope } from "../core/command-scope.ts";
import type { Answer } from "../core/management/answers.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { EventId, NetworkId, RoomId, UserId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Network } from "../core/ports/network.ts";
import type { LoginDialogues } from "./login/login-dialogues.ts";

export interface Scene extends CommandScope {
  readonly dialogues: LoginDialogues;
  readonly clock: Clock;
  readonly version: string;
}

export interface Request {
  readonly user: UserId;
  /** The management room. */
  readonly room: RoomId;
  /** The message that asks. After a crash a command may be run again, with the same one. */
  readonly event: EventId;
  /** What came after the command's name, split at spaces. */
  readonly words: readonly string[];
  /** As {@link words}, as it was written. */
  readonly rest: string;
}

/** A command of the management room. Help is made of these. */
export interface Command {
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** Commands of the same topic are carried out one at a time for a person; others go on beside them. */
  readonly topic?: "login" | "inbox" | "block" | "trust" | "report" | "retry";
  /** Each answer becomes a message. Throws BridgeError with words for the person. */
  run(request: Request, scene: Scene): Promise<readonly Answer[]>;
}

/** The network a person named, with or without which of their accounts there, or the sentence that says which there are. */
export function networkNamed(word: string | undefined, { networks }: Scene): Network | string {
  const known = [...networks.values()].map(({ id }) => id).join(", ");
  if (known === "") return "No network is set up on this bridge. Ask its administrator.";
  if (word === undefined) return `Which network? There is: ${known}.`;
  const network = networks.get(word.split("/")[0]?.toLowerCase() as NetworkId);
  return network ?? `There is no network “${shortened(word, 40)}” here. There is: ${known}.`;
}
