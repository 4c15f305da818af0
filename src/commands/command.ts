import type { CommandScope } from "../core/command-scope.ts";
import type { Answer } from "../core/management/answers.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { EventId, NetworkId, UserId } from "../core/model/ids.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Network } from "../core/ports/network.ts";

export interface Scene extends CommandScope {
  readonly clock: Clock;
  readonly version: string;
}

export interface Request {
  readonly user: UserId;
  /** The message that asks. After a crash a command may be run again, with the same one. */
  readonly event: EventId;
  /** What came after the command's name, split at spaces. */
  readonly words: readonly string[];
}

/** A command of the management room. Help is made of these. */
export interface Command {
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** Commands of the same topic are carried out one at a time for a person; others go on beside them. */
  readonly topic?: "consent" | "inbox" | "block" | "trust" | "report" | "retry";
  /** Each answer becomes a message. Throws BridgeError with words for the person. */
  run(request: Request, scene: Scene): Promise<readonly Answer[]>;
}

/** The network a person named, or the sentence that says which there are. */
export function networkNamed(word: string | undefined, { networks }: Scene): Network | string {
  const known = [...networks.values()].map(({ id }) => id).join(", ");
  if (known === "") return "No network is set up on this bridge. Ask its administrator.";
  if (word === undefined) return `Which network? There is: ${known}.`;
  const network = networks.get(word.toLowerCase() as NetworkId);
  return network ?? `There is no network “${shortened(word, 40)}” here. There is: ${known}.`;
}
