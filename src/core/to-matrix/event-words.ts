import { shortened } from "../model/cut-text.ts";
import { durationWords } from "../model/duration-words.ts";
import type { Excluded } from "../model/events.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkEventContext } from "./event-context.ts";

/** The bot's words for events that cannot be shown. */

type WordsContext = Pick<NetworkEventContext, "actor"> & {
  readonly network: Pick<Network, "name" | "optIn" | "ownApp">;
};

/** The most UTF-16 units that a notice repeats of somebody's words. */
const LONGEST_QUOTE = 4_000;

export const undecryptableWords = ({ actor, network }: WordsContext): string =>
  actor.own
    ? `A message you wrote on another device could not be decrypted here, though the bridge asked for it again several times. It can be read in ${network.name} itself.`
    : `A message from ${actor.name} could not be decrypted, though we asked for it again several times. ${network.ownApp ? `It may be readable in ${network.name} on your phone; if it is not, please` : "Please"} ask them to send it once more.`;

export const unsupportedWords = (what: string, { actor, network }: WordsContext): string =>
  actor.own
    ? `You sent ${what} on another device, which this bridge cannot show. It can be looked at in ${network.name} itself.`
    : `${actor.name} sent ${what}, which this bridge cannot show. ${network.ownApp ? `It can be looked at in ${network.name} on your phone.` : "It can be looked at on their phone only; please ask them to send it another way."}`;

export const callWords = (video: boolean, { actor, network }: WordsContext): string =>
  actor.own
    ? `You called on ${network.name}${video ? " with video" : ""} from another device. Calls cannot be taken here.`
    : `${actor.name} is calling you${video ? " with video" : ""} on ${network.name}. Calls cannot be taken here; ${network.ownApp ? `take it in ${network.name} on your phone` : "write to agree on another way"}.`;

export const longReactionWords = (emoji: string, { actor }: WordsContext): string =>
  `${actor.own ? "Your" : `${actor.name}'s`} reaction is too long to be shown as one. It says: ${shortened(emoji, LONGEST_QUOTE)}`;

const EXCLUDED: Readonly<Record<Excluded, { readonly did: string; readonly those: string }>> = {
  status: { did: "posted a status update", those: "those" },
  disappearing: { did: "sent a disappearing message", those: "those" },
  "view-once": { did: "sent something to be seen only once", those: "that" },
};

export function excludedWords(what: Excluded, { actor, network }: WordsContext): string {
  const { did, those } = EXCLUDED[what];
  const from = actor.own ? " on another device" : "";
  const rest = "it is not shown here, and neither are later ones.";
  if (!network.ownApp)
    return `${actor.name} ${did}${from}. ${network.name} does not share ${those} with ${network.optIn?.what ?? "other apps"}; ${rest}`;
  const done = what === "status" ? "posted a story" : did;
  const choice = what === "status" ? " Write “stories off” to me to be told of none." : "";
  // Whoever sends something to be seen once cannot look at it again.
  const where =
    actor.own && what === "view-once" ? "It" : `It can be looked at in ${network.name} on your phone; it`;
  return `${actor.name} ${done}${from}. ${where} is not shown here, and neither are later ones.${choice}`;
}

export const chatDeletedWords = ({ profile }: Pick<NetworkEventContext, "profile">): string =>
  `You deleted this chat on another device, for yourself alone. What was said stays in this room: leave it if you do not want it any more. What ${profile.name} writes next comes here all the same.`;

export const timerWords = (seconds: number, { actor }: Pick<WordsContext, "actor">): string =>
  seconds === 0
    ? `${actor.name} turned disappearing messages off.`
    : `${actor.name} set messages to disappear ${durationWords(seconds)} after they are read.`;

export const timerSetWords = (seconds: number): string =>
  `Messages in this chat disappear ${durationWords(seconds)} after they are read.`;

export const notTheirsWords = (act: string, { actor }: WordsContext): string =>
  `${actor.name} tried to ${act} a message ${actor.own ? "you" : "they"} did not write; it stays as it is.`;

/** `words`: what it says now; undefined where that must not stay. */
export const ownChangeWords = (words: string | undefined, { network }: WordsContext): string =>
  `You changed this message on another device. ${words === undefined ? `What it says now is in ${network.name} alone.` : `On ${network.name} it says now: ${shortened(words, LONGEST_QUOTE)}`}`;
