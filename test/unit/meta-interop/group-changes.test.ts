import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../../src/core/model/ids.ts";
import { groupNode } from "../../../src/networks/meta-interop/wire/groups.ts";
import { children, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { groupJid, InteropGroup } from "../../kit/interop-group.ts";
import { ourJid } from "../../kit/interop-pair.ts";

let group: InteropGroup;
beforeEach(async () => {
  group = await InteropGroup.start(3);
});
afterEach(() => group[Symbol.asyncDispose]());

const info = () => group.pair.client.chatInfo?.(group.chat);
const about = (jid: string, attrs: Record<string, string> = {}): Node =>
  node("participant", { jid, ...attrs });
const told = async (id: string, by: string | undefined, ...content: readonly Node[]) => {
  group.notice(id, by, ...content);
  await group.pair.acked(id, "notification");
};

const crowdOf = (length: number) =>
  Array.from({ length }, (_, index) => ({
    jid: `${31_700_000_000 + index}@s.whatsapp.net`,
    part: "member" as const,
    name: undefined,
  }));

describe("what a group is", () => {
  test("is asked once, and kept by what notifications tell", async () => {
    expect(await info()).toEqual({
      kind: "group",
      name: "Allotment",
      topic: "Every Sunday",
      avatar: "",
      self: ourJid,
      permissions: { writes: "member", changes: "member" },
      members: expect.arrayContaining([
        { person: undefined, role: "member", name: "Ana" },
        { person: group.peer(1).jid, role: "owner", name: "Member 1" },
        { person: group.peer(2).jid, role: "member", name: "Member 2" },
      ]),
    });
    const anna = group.peer(1).jid;
    await told("n1", anna, node("subject", {}, "Harvest"), node("locked"));
    await told("n2", anna, node("promote", {}, [about(group.peer(2).jid)]));
    await told("n3", anna, node("add", {}, [about("31655555555@s.whatsapp.net", { display_name: "New" })]));
    await told("n4", anna, node("announcement"), node("description"));
    await told("n5", group.peer(3).jid, node("remove", {}, [about(group.peer(3).jid)]));
    expect(await info()).toMatchObject({
      name: "Harvest",
      topic: "",
      permissions: { writes: "admin", changes: "admin" },
      members: [
        { person: undefined },
        { person: anna, role: "owner" },
        { person: group.peer(2).jid, role: "admin" },
        { person: "31655555555@s.whatsapp.net", role: "member", name: "New" },
      ],
    });
    expect(group.requests("w:g2", "get")).toHaveLength(1);
    expect(group.pair.sink.events).toMatchObject([
      { kind: "group-name", sender: anna, name: "Harvest", chat: groupJid, id: "n1.0" },
      { kind: "group-permissions", writes: "member", changes: "admin", id: "n1.1" },
      { kind: "group-roles", changes: [{ person: group.peer(2).jid, role: "admin" }] },
      { kind: "group-members", changes: [{ membership: "joined", name: "New" }] },
      { kind: "group-permissions", writes: "admin", changes: "admin" },
      { kind: "group-topic", topic: "" },
      { kind: "group-members", sender: group.peer(3).jid, changes: [{ membership: "left" }] },
    ]);
  });

  test("of a direct chat is not asked", async () => {
    const person = group.peer(1).jid;
    expect(await group.pair.client.chatInfo?.(person as ChatId)).toEqual({ kind: "direct", person });
    expect(group.requests("w:g2", "get")).toEqual([]);
  });

  test("tells that our person came into one that somebody made, left, and is in it again", async () => {
    const anna = group.peer(1).jid;
    if (!group.description) throw new Error("no group");
    await told("n1", anna, node("create", {}, [groupNode(group.description)]));
    await told("n2", anna, node("remove", {}, [about(ourJid)]));
    const before = group.description;
    group.description = undefined;
    await expect(info()).rejects.toMatchObject({
      words: expect.stringContaining("You are not in this group"),
    });
    await told("n3", group.peer(2).jid, node("subject", {}, "Without us"));
    group.description = before;
    await told("n4", anna, node("add", {}, [about(ourJid)]));
    const change = (membership: string) => ({
      kind: "group-members",
      sender: anna,
      changes: [{ person: undefined, membership }],
    });
    expect(group.pair.sink.events).toMatchObject([change("joined"), change("left"), change("joined")]);
    expect(await info()).toMatchObject({ name: "Allotment" });
  });

  test("comes again where it could not be stored", async () => {
    await info();
    group.pair.sink.failures = 1;
    group.notice("n1", group.peer(1).jid, node("subject", {}, "Harvest"));
    await group.pair.sink.until("another connection", () => group.gatekeeper.connections === 2);
    expect(await info()).toMatchObject({ name: "Allotment" });
    await told("n1", group.peer(1).jid, node("subject", {}, "Harvest"));
    expect(await info()).toMatchObject({ name: "Harvest" });
  });
});

describe("what our person changes", () => {
  const anna = () => ({ person: group.peer(1).jid as PersonId, name: "Anna" });
  const asked = () => group.requests("w:g2", "set").map((iq) => [iq.attrs["to"], children(iq)[0]]);

  test("is asked of the gatekeeper, and so from then on", async () => {
    await group.changes("c1", { kind: "name", name: "Harvest" });
    await group.changes("c2", { kind: "topic", topic: "" });
    await group.changes("c3", { kind: "role", ...anna(), role: "admin" });
    await group.changes("c4", { kind: "avatar", uri: "" });
    await group.changes("c5", { kind: "remove", person: group.peer(3).jid as PersonId, name: "Member 3" });
    await group.changes("c6", { kind: "add", person: "31655555555@s.whatsapp.net" as PersonId, name: "New" });
    await group.changes("c7", { kind: "permission", what: "writes", role: "admin" });
    await group.changes("c8", { kind: "permission", what: "changes", role: "admin" });
    expect(asked()).toEqual([
      [groupJid, node("subject", {}, "Harvest")],
      [groupJid, node("description")],
      [groupJid, node("promote", {}, [about(anna().person)])],
      [groupJid, node("picture")],
      [groupJid, node("remove", {}, [about(group.peer(3).jid)])],
      [groupJid, node("add", {}, [about("31655555555@s.whatsapp.net")])],
      [groupJid, node("announcement")],
      [groupJid, node("locked")],
    ]);
    expect(await info()).toMatchObject({
      name: "Harvest",
      topic: "",
      members: [
        { person: undefined },
        { person: anna().person, role: "admin" },
        { person: group.peer(2).jid },
        { person: "31655555555@s.whatsapp.net" },
      ],
    });
    await group.changes("c7", { kind: "leave" });
    expect(asked().at(-1)).toEqual(["g.us", node("leave", {}, [node("group", { id: groupJid })])]);
    expect(group.pair.sink.events).toEqual([]);
  });

  test.each([
    ["401", expect.stringContaining("Only an admin")],
    ["404", "WhatsApp knows no such group any more."],
    ["405", expect.stringContaining("does not let other apps take part in groups")],
  ])("is refused in words: %s", async (code, words) => {
    group.gatekeeper.answers.set("w:g2 set", ({ attrs: { id } }) =>
      node("iq", { id, type: "error" }, [node("error", { code })]),
    );
    await expect(group.changes("c1", { kind: "name", name: "Harvest" })).rejects.toMatchObject({
      certain: true,
      words,
    });
    expect(await info()).toMatchObject({ name: "Allotment" });
  });

  test.each([
    ["403", "Bram does not let you add them"],
    ["404", "knows no Bram"],
    ["405", "Bram cannot be added: they have not turned on third-party chats"],
    ["409", "Bram cannot be in this group"],
    ["419", "This group is full"],
  ])("says why somebody cannot be added: %s", async (error, words) => {
    const person = "31655555555@s.whatsapp.net" as PersonId;
    group.gatekeeper.answers.set("w:g2 set", ({ attrs: { id } }) =>
      node("iq", { id, type: "result" }, [node("add", {}, [about(person, { error })])]),
    );
    await expect(group.changes("c1", { kind: "add", person, name: "Bram" })).rejects.toMatchObject({
      certain: true,
      words: expect.stringContaining(words),
    });
    // A repeat of what was done is no fault.
    group.gatekeeper.answers.set("w:g2 set", ({ attrs: { id } }) =>
      node("iq", { id, type: "result" }, [node("add", {}, [about(anna().person, { error: "409" })])]),
    );
    await group.changes("c3", { kind: "add", ...anna() });
  });

  test("says how many a group may have where the network says so, and makes none with more", async () => {
    const limits = node("limits", { group_size: "1024" });
    const features = node("features", { groups: "true" }, [limits]);
    group.gatekeeper.send(node("notification", { id: "f1", type: "w:interop" }, [features]));
    await group.pair.acked("f1", "notification");
    const people = crowdOf(1_024).map(({ jid }) => jid as PersonId);
    await expect(
      group.pair.client.createGroup?.({ key: "k1", name: "Everybody", people }),
    ).rejects.toMatchObject({
      reason: "too-large",
      certain: true,
      words: expect.stringMatching(
        /^WhatsApp takes 1,024 members in one group, and with you this would have 1,025\./,
      ),
    });
    expect(asked()).toEqual([]);
    const person = "31655555555@s.whatsapp.net" as PersonId;
    group.gatekeeper.answers.set("w:g2 set", ({ attrs: { id } }) =>
      node("iq", { id, type: "result" }, [node("add", {}, [about(person, { error: "419" })])]),
    );
    await expect(group.changes("c1", { kind: "add", person, name: "Bram" })).rejects.toMatchObject({
      words: "This group is full: nobody more can be added. WhatsApp takes 1,024 members in one.",
    });
  });

  test("gives no ownership, nor the owner alone a right, nor sets a timer: the network knows none", async () => {
    for (const [id, change, words] of [
      [
        "c2",
        { kind: "permission", what: "writes", role: "owner" },
        "all members of a group do that, or its admins",
      ],
      ["c3", { kind: "timer", seconds: 60 }, "cannot be set from here on WhatsApp"],
    ] as const)
      await expect(group.changes(id, change)).rejects.toMatchObject({
        words: expect.stringContaining(words),
      });
    await expect(group.changes("c1", { kind: "role", ...anna(), role: "owner" })).rejects.toMatchObject({
      words: expect.stringContaining("Anna can be an admin"),
    });
    expect(asked()).toEqual([]);
  });

  test("makes a group, of which a repeat makes no second one, and tells who cannot be in it", async () => {
    const made = group.description;
    if (!made) throw new Error("no group");
    group.gatekeeper.answers.set("w:g2 set", ({ attrs: { id } }) =>
      node("iq", { id, type: "result" }, [groupNode(made)]),
    );
    const stranger = "31655555555@s.whatsapp.net" as PersonId;
    const wanted = { key: "k1", name: "Allotment", people: [anna().person, stranger] };
    expect(await group.pair.client.createGroup?.(wanted)).toBe(groupJid);
    expect(asked()).toEqual([
      ["g.us", node("create", { subject: "Allotment", key: "k1" }, [about(anna().person), about(stranger)])],
    ]);
    expect(group.pair.sink.told).toEqual([expect.stringContaining("+31655555555")]);
    expect(group.requests("w:g2", "get")).toEqual([]);
    expect(await info()).toMatchObject({ name: "Allotment" });
  });
});

test("a group is closed, in words, while the network does not grant groups, and direct chats are not", async () => {
  const { client } = group.pair;
  const closed = () => client.capabilities(group.chat).closed;
  const granted = async (groups: string) => {
    const features = node("features", { groups, deletes: "true" });
    group.gatekeeper.send(node("notification", { id: `f${groups}`, type: "w:interop" }, [features]));
    await group.pair.acked(`f${groups}`, "notification");
  };
  expect(closed()).toBeUndefined();
  await granted("false");
  expect(closed()).toMatch(/^WhatsApp does not let other apps take part in groups/);
  const direct = client.capabilities(group.peer(1).jid as ChatId);
  expect(direct.closed).toBeUndefined();
  expect(direct.deletesOthers).toBeUndefined();
  await granted("true");
  expect(closed()).toBeUndefined();
  expect(client.capabilities(group.chat).deletesOthers).toBe(true);
});
