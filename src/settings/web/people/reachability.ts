import type { NetworkCard, Resolved } from "../api/answers.ts";
import type { en } from "../words/en.ts";

type State = keyof (typeof en)["people"]["states"];
/** What is taken of the page's `Speech`. */
interface Shown {
  readonly words: Pick<typeof en, "people">;
  fill(text: string, values: { readonly name: string }): string;
}

type Network = Pick<NetworkCard, "audience">;

/** States that are words about what people of some networks turn on first. */
const ABOUT_TURNING_ON: ReadonlySet<string> = new Set<State>(["off", "app", "unknown"]);

const isState = ({ words }: Shown, state: string): state is State => state in words.people.states;

/** Whether all people of a network are there to be reached, without turning anything on. */
const isForAll = (network: Network | undefined): boolean => network?.audience === undefined;

/** A word for whether somebody can be written to. */
export function reachabilityWord(
  speech: Shown,
  { reachability: { state, words } }: Pick<Resolved, "reachability">,
  network: Network | undefined,
): string {
  const { states } = speech.words.people;
  if (ABOUT_TURNING_ON.has(state) && isForAll(network)) return states.unknown;
  return isState(speech, state) ? states[state] : words;
}

/** Why somebody cannot be written to, and what can be done about it; undefined where they can. */
export function whyUnreachable(
  speech: Shown,
  { id, name = id, reachability: { state, words } }: Pick<Resolved, "id" | "name" | "reachability">,
  network: Network | undefined,
): string | undefined {
  if (state === "reachable") return undefined;
  const { why, notHere } = speech.words.people;
  if (ABOUT_TURNING_ON.has(state) && isForAll(network)) return speech.fill(notHere, { name });
  return state in why ? speech.fill(why[state as keyof typeof why], { name }) : words;
}
