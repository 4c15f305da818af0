import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../../src/core/model/ids.ts";
import { membersIn } from "../../../src/networks/meta-interop/groups/group-description.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { participantKeysIn } from "../../../src/networks/meta-interop/wire/group-messages.ts";
import { child, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../../src/networks/meta-interop/wire/stanza-encode.ts";
import { deflated } from "../../../src/networks/meta-interop/wire/stanza-format.ts";
import { InteropGroup } from "../../kit/interop-group.ts";
import { ourJid } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";

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

test("of a group of 100,000 some are members here, our person and its admins among them", () => {
  const [anna, own] = ["31655555555@s.whatsapp.net", ourJid];
  const last = [
    { jid: anna, part: "admin" as const, name: "Anna" },
    { jid: own, part: "member" as const, name: undefined },
  ];
  const members = membersIn([...crowdOf(100_000), ...last], { profile: whatsapp, own });
  expect(members).toHaveLength(10_000);
  const found = (jid: string) => members.filter(({ person }) => (person as string) === jid);
  expect(found(anna)).toEqual([{ person: anna, role: "admin", name: "Anna" }]);
  expect(found(own)).toEqual([{ person: own, role: "member", name: undefined }]);
});

describe("what a gatekeeper says of a group", () => {
  test("keeps no name of 100 kB, told or described", async () => {
    const long = "é".repeat(100_000);
    group.describe({ subject: long, description: long });
    expect(await info()).toMatchObject({ name: "é".repeat(1_000), topic: "é".repeat(20_000) });
    const by = group.peer(1).jid;
    await told("n1", by, node("subject", {}, long));
    await told("n2", by, node("description", {}, [node("body", {}, long)]));
    expect(group.pair.sink.events).toMatchObject([
      { kind: "group-name", name: "é".repeat(1_000) },
      { kind: "group-topic", topic: "é".repeat(20_000) },
    ]);
  });

  test("stands what a hostile gatekeeper says of it", async () => {
    const anna = group.peer(1).jid;
    const crowd = crowdOf(20_000);
    const odd = [
      { jid: ourJid, part: "member" as const, name: undefined },
      { jid: anna, part: "superadmin" as const, name: "Anna" },
      { jid: anna, part: "member" as const, name: undefined },
      { jid: "1@g.us", part: "admin" as const, name: undefined },
    ];
    group.describe({ members: [...odd, ...crowd] });
    const shown = await info();
    if (shown?.kind !== "group") throw new Error("no group");
    expect(shown.members).toHaveLength(10_000);
    expect(shown.members.find(({ person }) => person === (anna as PersonId))).toMatchObject({
      role: "member",
    });
    await told("n1", anna, node("promote", {}, [about("31655555555@s.whatsapp.net")]));
    await told("n2", undefined, node("subject", {}, "Nobody's"), node("nonsense"));
    group.gatekeeper.send(
      node("notification", { id: "n3", type: "w:gp2", from: "9@g.us", participant: anna }, [
        node("remove", {}, [about(ourJid)]),
      ]),
    );
    await group.pair.acked("n3", "notification");
    expect(group.pair.sink.events).toEqual([]);
  }, 30_000);
});

describe("a group of more people than an answer has room for", () => {
  const words =
    "Somebody wrote in a WhatsApp group that has more people than this bridge can show, or that it cannot read. What is new in it may be missing here; read it in WhatsApp.";

  /** Answers with what inflates to more than a stanza may have; gives how often that was asked for. */
  function answerTooLong({ gatekeeper, chat }: InteropGroup): () => number {
    let asked = 0;
    gatekeeper.answers.set("w:g2 get", ({ attrs: { id } }) => {
      asked += 1;
      const whole = node("iq", { id, type: "result" }, [
        node(
          "group",
          { id: chat },
          crowdOf(900).map(({ jid }) => about(jid)),
        ),
      ]);
      const long = Buffer.concat([encodeStanza(whole).subarray(1), Buffer.alloc(1_100_000)]);
      gatekeeper.sendRaw(Buffer.concat([Buffer.of(deflated), deflateSync(long)]), { sealed: true });
      return undefined;
    });
    return () => asked;
  }

  test("is told of once, and no other message waits for it", async () => {
    const asked = answerTooLong(group);
    for (const id of ["M1", "M2"]) {
      await group.says(group.peer(2), id, "hello");
      await group.pair.acked(id);
    }
    expect(group.pair.sink.told).toEqual([words]);
    expect(asked()).toBe(1);
    await group.pair.peerStarts();
    await group.pair.says("D1", "a direct one");
    await group.pair.acked("D1");
    expect(group.gatekeeper.connections).toBe(1);
    expect(group.pair.sink.events).toMatchObject([{ kind: "message", chat: group.pair.chat }]);
  });

  test("stays as it was known, with what its members write", async () => {
    let ahead = 0;
    await using grown = await InteropGroup.start(3, { ...realClock, now: () => Date.now() + ahead });
    await grown.pair.client.chatInfo?.(grown.chat);
    const asked = answerTooLong(grown);
    ahead = 120_000;
    grown.joins("31655555555@s.whatsapp.net", "New");
    const joined = grown.peers.get("31655555555@s.whatsapp.net");
    if (!joined) throw new Error("nobody came");
    await grown.says(joined, "M1", "I am new");
    await grown.says(grown.peer(2), "M2", "hello");
    await grown.pair.acked("M2");
    expect(grown.pair.sink.events).toMatchObject([{ kind: "message", id: "M2" }]);
    expect(grown.pair.sink.told).toEqual([words]);
    expect([asked(), grown.gatekeeper.connections]).toEqual([1, 1]);
  });
});

test("a gatekeeper that gives no keys for now holds no message up, and is not asked at each of them", async () => {
  const { answers } = group.gatekeeper;
  const give = answers.get("encrypt get");
  answers.set("encrypt get", ({ attrs: { id } }) =>
    node("iq", { id, type: "error" }, [node("error", { code: "429" })]),
  );
  const asked = () => group.requests("encrypt", "get").filter((iq) => child(iq, "key")).length;
  for (const id of ["X1", "X2", "X3"]) await group.send(id, id);
  expect(asked()).toBe(1);
  expect(group.sent.flatMap((message) => participantKeysIn(message))).toEqual([]);
  if (give) answers.set("encrypt get", give);
  await group.pair.restart();
  await group.send("X4", "keys again");
  expect(participantKeysIn(group.sent.at(-1) ?? node("message"))).toHaveLength(3);
});

test("a thousand changes of a large group are stored in order, one commit each, in a few seconds", async () => {
  group.describe({
    members: [{ jid: ourJid, part: "member", name: undefined }, ...crowdOf(1_000)],
  });
  await info();
  const by = crowdOf(1)[0]?.jid;
  const begun = process.cpuUsage();
  for (let change = 0; change < 1_000; change += 1)
    group.notice(`c${change}`, by, node("subject", {}, `Name ${change}`));
  await group.pair.acked("c999", "notification");
  const { user, system } = process.cpuUsage(begun);
  expect(group.pair.sink.events).toHaveLength(1_000);
  expect(await info()).toMatchObject({ name: "Name 999" });
  // 10,000 in a minute leave the rest of it to others.
  expect((user + system) / 1_000).toBeLessThan(6_000);
}, 30_000);
