import { describe, expect, test } from "@jest/globals";
import { reachabilityWord, whyUnreachable } from "../../../src/settings/web/people/reachability.ts";
import { de } from "../../../src/settings/web/words/de.ts";
import { en } from "../../../src/settings/web/words/en.ts";

const speechOf = (words: unknown) => ({
  words: words as typeof en,
  fill: (text: string, values: Readonly<Record<string, string | number>>) =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
});

const unreachable = (state: string) => ({ id: "bram", name: "Bram", reachability: { state, words: "?" } });
const third = { audience: "who turned on third-party chats" };

describe.each([
  ["en", en, /third-party/i],
  ["de", de, /drittanbieter/i],
] as const)("why somebody is not reached, in %s", (_, words, party) => {
  const speech = speechOf(words);

  test.each(["off", "app"])("names third-party chats on a network that has them: %s", (state) => {
    expect(whyUnreachable(speech, unreachable(state), third)).toMatch(party);
  });

  test.each(["off", "app", "unknown"])("does not on one on which all can be reached: %s", (state) => {
    const why = whyUnreachable(speech, unreachable(state), {});
    expect(why).toMatch(/^Bram /);
    expect(why).not.toMatch(party);
    expect(reachabilityWord(speech, unreachable(state), {})).toBe(words.people.states.unknown);
  });
});
