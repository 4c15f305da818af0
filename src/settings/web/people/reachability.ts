import type { Resolved } from "../api/answers.ts";
import type { Speech } from "../words/speech.ts";

type State = keyof Speech["words"]["people"]["states"];

const isState = (speech: Speech, state: string): state is State => state in speech.words.people.states;

/** A word for whether somebody can be written to. */
export function reachabilityWord(speech: Speech, { reachability: { state, words } }: Resolved): string {
  return isState(speech, state) ? speech.words.people.states[state] : words;
}

/** Why somebody cannot be written to, and what can be done about it; undefined where they can. */
export function whyUnreachable(speech: Speech, contact: Resolved): string | undefined {
  const { state, words } = contact.reachability;
  if (state === "reachable") return undefined;
  const { why } = speech.words.people;
  const name = contact.name ?? contact.id;
  return state in why ? speech.fill(why[state as keyof typeof why], { name }) : words;
}
