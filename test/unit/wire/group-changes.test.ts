import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type GroupChangeNode,
  groupChangeNode,
  readGroupChange,
} from "../../../src/networks/meta-interop/wire/group-changes.ts";
import {
  participantKeysIn,
  participantKeysNode,
  senderKeyIn,
  withSenderKey,
} from "../../../src/networks/meta-interop/wire/group-messages.ts";
import {
  createGroupNode,
  groupsToLeave,
  leaveGroupsNode,
  readCreateGroup,
  refusedParticipants,
} from "../../../src/networks/meta-interop/wire/group-requests.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { decodePlaintext, encodePlaintext } from "../../../src/networks/meta-interop/wire/plaintext.ts";
import { arbitraryPlaintext } from "./arbitrary-plaintext.ts";

const group = "120363@g.us";

describe("a change of a group", () => {
  const changes: readonly GroupChangeNode[] = [
    {
      kind: "members",
      action: "add",
      members: [
        { jid: "31600000001@s.whatsapp.net", part: "member", name: "Anna" },
        { jid: "12-1@interop", part: "admin", name: undefined },
      ],
    },
    { kind: "members", action: "demote", members: [] },
    { kind: "subject", subject: "Allotment 🌱" },
    { kind: "subject", subject: "" },
    { kind: "description", description: "Every\nSunday" },
    { kind: "description", description: "" },
    { kind: "picture", picture: node("picture", { direct_path: "/1" }) },
    { kind: "picture", picture: node("picture") },
    { kind: "announcement", on: true },
    { kind: "announcement", on: false },
    { kind: "locked", on: true },
    { kind: "locked", on: false },
  ];

  test.each(changes)("is read as it was written: $kind", (change) => {
    expect(readGroupChange(groupChangeNode(change))).toEqual(change);
  });

  test("of a kind that is unknown is none", () => {
    expect(readGroupChange(node("ephemeral"))).toBeUndefined();
  });
});

describe("a sender key", () => {
  const distribution = Uint8Array.of(1, 2, 3);

  test.each(["whatsapp", "messenger"] as const)(
    "stands beside any content of %s and changes none",
    (format) => {
      fc.assert(
        fc.property(arbitraryPlaintext, (plaintext) => {
          fc.pre(plaintext.kind !== "senderKey");
          const bytes = encodePlaintext(format, plaintext);
          const carrying = withSenderKey(format, bytes, { group, distribution });
          expect(senderKeyIn(format, bytes)).toBeUndefined();
          expect(senderKeyIn(format, carrying)).toEqual({ group, distribution });
          if (plaintext.kind !== "unknown")
            expect(decodePlaintext(format, carrying)).toEqual(decodePlaintext(format, bytes));
        }),
      );
    },
  );

  test("goes to each member who lacks it, and nowhere where all have it", () => {
    const keys = [
      { jid: "31600000001@s.whatsapp.net", enc: node("enc", { v: "2", type: "msg" }, Uint8Array.of(1)) },
      { jid: "12-1@interop", enc: node("enc", { v: "2", type: "pkmsg" }, Uint8Array.of(2)) },
    ];
    expect(participantKeysIn(node("message", {}, participantKeysNode(keys)))).toEqual(keys);
    expect(participantKeysNode([])).toEqual([]);
    expect(participantKeysIn(node("message", {}, [node("participants", {}, [node("to")])]))).toEqual([]);
  });
});

test("the requests that make a group and leave groups are read as they were written", () => {
  const made = { subject: "Allotment", key: "k1", jids: ["31600000001@s.whatsapp.net", "12-1@interop"] };
  expect(readCreateGroup(createGroupNode(made))).toEqual(made);
  expect(readCreateGroup(node("create", { subject: "Allotment" }))).toBeUndefined();
  expect(groupsToLeave(leaveGroupsNode([group, "1@g.us"]))).toEqual([group, "1@g.us"]);
  expect(groupsToLeave(node("leave", {}, [node("group", { id: "1@s.whatsapp.net" })]))).toEqual([]);
});

test("who was refused in a change of members is told with the code", () => {
  const answer = node("iq", {}, [
    node("add", {}, [
      node("participant", { jid: "1@s.whatsapp.net", error: "405" }),
      node("participant", { jid: "2@s.whatsapp.net" }),
    ]),
  ]);
  expect([...refusedParticipants(answer, "add")]).toEqual([["1@s.whatsapp.net", "405"]]);
  expect(refusedParticipants(answer, "remove").size).toBe(0);
});
