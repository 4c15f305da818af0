import fc from "fast-check";

/** The contacts of a history, each with a chat. */
export const CHATS = ["Bram", "Cees"] as const;
export type Who = (typeof CHATS)[number];

/** What can happen to a bridge. Targets are numbers of the chat's messages, which may come later or never. */
export type Happening =
  | { readonly does: "contact"; readonly who: Who; readonly count: number }
  /** Not `pushed`: only the audit stream brings it, in a gap. */
  | { readonly does: "person"; readonly who: Who; readonly count: number; readonly pushed: boolean }
  | { readonly does: "edit" | "delete" | "react"; readonly who: Who; readonly target: number }
  /** The person writes on another device. */
  | { readonly does: "phone"; readonly who: Who; readonly count: number }
  /** Whether the bridge can act as the person. */
  | { readonly does: "puppet"; readonly there: boolean }
  | { readonly does: "puppet-answer-lost" }
  | { readonly does: "person-reacts" | "person-redacts"; readonly who: Who; readonly target: number }
  | { readonly does: "reachability"; readonly who: Who; readonly state: "reachable" | "off" | "gone" }
  | { readonly does: "rename"; readonly who: Who }
  | { readonly does: "withdrawn" | "resumed" | "disable" | "enable" | "gap-opened" | "gap-closed" }
  | { readonly does: "homeserver-away" | "homeserver-back" | "network-away" | "network-back" }
  | { readonly does: "disk-full" | "disk-free" }
  | { readonly does: "answer-lost" | "network-answer-lost" | "restart" }
  /** The crash comes after so many turns of the event loop, and so at any point of the work. */
  | { readonly does: "crash"; readonly turns: number }
  | { readonly does: "turns"; readonly turns: number }
  | { readonly does: "pass"; readonly seconds: number };

const who = fc.constantFrom(...CHATS);
const count = fc.integer({ min: 1, max: 5 });
const target = fc.integer({ min: 0, max: 15 });
const turns = fc.integer({ min: 0, max: 30 });

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant("contact"), who, count }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("person"), who, count, pushed: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("phone"), who, count }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("puppet"), there: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("puppet-answer-lost") }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom("edit", "delete", "react"), who, target }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom("person-reacts", "person-redacts"), who, target }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("reachability"),
      who,
      state: fc.constantFrom("reachable", "off", "gone"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("rename"), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom("withdrawn", "resumed", "disable", "enable", "gap-opened", "gap-closed"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom("homeserver-away", "homeserver-back", "network-away", "network-back"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("disk-full", "disk-free") }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom("answer-lost", "network-answer-lost", "restart") }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom("crash", "turns"), turns }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("pass"), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
);
