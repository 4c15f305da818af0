import { describe, expect, test } from "@jest/globals";
import type { Excluded } from "../../../src/core/model/events.ts";
import type { Actor } from "../../../src/core/to-matrix/event-context.ts";
import {
  callWords,
  excludedWords,
  undecryptableWords,
  unsupportedWords,
} from "../../../src/core/to-matrix/event-words.ts";

const actor = (own: boolean) => ({ name: own ? "You" : "Bram", own }) as Actor;
const third = { name: "WhatsApp", optIn: { what: "third-party chats", where: "Settings" } };
const linked = { name: "Signal", ownApp: true } as const;

describe("what cannot be shown here", () => {
  test.each<[Excluded, string]>([
    ["status", "Bram posted a status update. WhatsApp does not share those with third-party chats"],
    [
      "disappearing",
      "Bram sent a disappearing message. WhatsApp does not share those with third-party chats",
    ],
    [
      "view-once",
      "Bram sent something to be seen only once. WhatsApp does not share that with third-party chats",
    ],
  ])("is withheld by a network for third parties: %s", (what, words) => {
    expect(excludedWords(what, { actor: actor(false), network: third })).toBe(
      `${words}; it is not shown here, and neither are later ones.`,
    );
  });

  test.each<[Excluded, boolean, string]>([
    [
      "status",
      false,
      "Bram posted a story. It can be looked at in Signal on your phone; it is not shown here, and neither are later ones. Write “stories off” to me to be told of none.",
    ],
    [
      "view-once",
      false,
      "Bram sent something to be seen only once. It can be looked at in Signal on your phone; it is not shown here, and neither are later ones.",
    ],
    [
      "view-once",
      true,
      "You sent something to be seen only once on another device. It is not shown here, and neither are later ones.",
    ],
  ])("is on the phone where the person's own account has it: %s, own: %s", (what, own, words) => {
    expect(excludedWords(what, { actor: actor(own), network: linked })).toBe(words);
  });

  test("is had on the phone also where it is a call, of another kind, or could not be decrypted", () => {
    const mine = { actor: actor(false), network: linked };
    const theirs = { actor: actor(false), network: third };
    expect(callWords(false, mine)).toBe(
      "Bram is calling you on Signal. Calls cannot be taken here; take it in Signal on your phone.",
    );
    expect(callWords(true, theirs)).toBe(
      "Bram is calling you with video on WhatsApp. Calls cannot be taken here; write to agree on another way.",
    );
    expect(unsupportedWords("a payment", mine)).toBe(
      "Bram sent a payment, which this bridge cannot show. It can be looked at in Signal on your phone.",
    );
    expect(unsupportedWords("a payment", theirs)).toMatch(/on their phone only; please ask them/);
    expect(undecryptableWords(mine)).toMatch(
      /It may be readable in Signal on your phone; if it is not, please ask/,
    );
    expect(undecryptableWords(theirs)).toMatch(/several times\. Please ask them to send it once more\.$/);
  });
});
