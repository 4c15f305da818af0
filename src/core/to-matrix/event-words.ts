import { shortened } from "../model/cut-text.ts";
import { durationWords } from "../model/duration-words.ts";
import type { Excluded } from "../model/events.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkEventContext } from "./event-context.ts";

/** The bot's words for events that cannot be shown. */

type WordsContext = Pick<NetworkEventContext, "actor"> & { readonly network: Pick<Network, "name"> };

/** The most UTF-16 units that a notice repeats of somebody's words. */
const LONGEST_QUOTE = 4_000;

export const undecryptableWords = ({ actor, network }: WordsContext): string =>
  actor.own
    ? `A message you wrote on another device could not be decrypted here, though the bridge asked for it again several times. It can be read in ${network.name} itself.`
    : `A message from ${actor.name} could not be decrypted, though we asked for it again several times. Please ask them to send it once more.`;

export const unsupportedWords = (what: string, { actor, network }: WordsContext): string =>
  actor.own
    ? `You sent ${what} on another device, which this bridge cannot show. It can be looked at in ${network.name} itself.`
    : `${actor.name} sent ${what}, which this bridge cannot show. It can be looked at on their phone only; please ask them to send it another way.`;

export const callWords = (video: boolean, { actor, network }: WordsContext): string =>
  actor.own
    ? `You called on ${network.name}${video ? " with video" : ""} from another device. Calls cannot be taken here.`
    : `${actor.name} is calling you${video ? " with video" : ""} on ${network.name}. Calls cannot be taken here; write to agree on another way.`;

export const longReactionWords = (emoji: string, { actor }: WordsContext): string =>
  `${actor.own ? "Your" : `${actor.name}'s`} reaction is too long to be shown as one. It says: ${shortened(emoji, LONGEST_QUOTE)}`;

export function excludedWords(what: Excluded, { actor, network: { name: network } }: WordsContext): string {
  const from = actor.own ? " on another device" : "";
  const named = {
    status: `${actor.name} posted a status update${from}. ${network} does not share those with third-party chats`,
    disappearing: `${actor.name} sent a disappearing message${from}. ${network} does not share those with third-party chats`,
    "view-once": `${actor.name} sent something to be seen only once${from}. ${network} does not share that with third-party chats`,
  };
  return `${named[what]}; it is not shown here, and neither are later ones.`;
}

export const timerWords = (seconds: number, { actor }: Pick<WordsContext, "actor">): string =>
  seconds === 0
    ? `${actor.name} turned disappearing messages off.`
    : `${actor.name} set messages to disappear ${durationWords(seconds)} after they are read.`;

export const notTheirsWords = (act: string, { actor }: WordsContext): string =>
  `${actor.name} tried to ${act} a message ${actor.own ? "you" : "they"} did not write; it stays as it is.`;

export const ownChangeWords = (words: string, { network }: WordsContext): string =>
  `You changed this message on another device. On ${network.name} it says now: ${shortened(words, LONGEST_QUOTE)}`;
