import { describe, expect, test } from "@jest/globals";
import type { Reachability } from "../../../src/core/model/events.ts";
import {
  reachabilityWords,
  type UnreachedReason,
  unreachedWords,
} from "../../../src/core/model/reachability-text.ts";

const states: readonly Reachability[] = ["reachable", "off", "app", "unknown", "blocked", "gone"];
const reasons: readonly UnreachedReason[] = [
  "off",
  "app",
  "unknown",
  "blocked",
  "gone",
  "other-app",
  "keys",
  "refused",
];
const optIn = { what: "guest chats", where: "Menu, Guests" };

describe("why somebody is not reached", () => {
  test("says what they turn on, and where, in the network's own words", () => {
    const network = { name: "Quill", optIn };
    expect(reachabilityWords("off", "Bram", network)).toBe(
      "Bram cannot be reached: guest chats are turned off in their Quill. They can turn them on under Menu, Guests.",
    );
    expect(reachabilityWords("app", "Bram", network)).toBe(
      "Bram cannot be reached: they have guest chats on in Quill, but have not chosen this service among their apps. They can choose it under Menu, Guests.",
    );
    expect(reachabilityWords("unknown", "Bram", network)).toBe(
      "Bram cannot be reached on Quill from here. They may not have turned on guest chats.",
    );
    expect(unreachedWords("off", "you", network)).toBe(
      "guest chats are turned off in their Quill, which they can turn on under Menu, Guests",
    );
  });

  test("speaks of nothing to turn on where everybody of a network can be reached", () => {
    const network = { name: "Signal" };
    const said = [
      ...states.map((state) => reachabilityWords(state, "Bram", network)),
      ...reasons.map((reason) => unreachedWords(reason, "you", network)),
    ];
    for (const words of said) expect(words).not.toMatch(/third-party|turned? (on|off)|among their apps/);
    expect(reachabilityWords("off", "Bram", network)).toBe("Bram cannot be reached on Signal from here.");
  });
});
