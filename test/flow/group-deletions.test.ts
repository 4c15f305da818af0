import { describe, expect, test } from "@jest/globals";
import type { EventId } from "../../src/core/model/ids.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** A group of Ana's on a network whose administrators delete what others wrote. */
async function begin(role: "admin" | "member"): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  flow.group.ourRoles.set(ANA, role);
  flow.client.granted = { ...ALL, deletesOthers: true };
  await flow.group.says("Bram", "1", "hello");
  await settle();
  flow.homeserver.lets(ANA, flow.id);
  await flow.world.push(flow.membership(ANA, "join"));
  return flow;
}

const eventOf = (flow: GroupFlow, body: string): EventId => {
  const found = flow.room.timeline.find(({ content }) => content["body"] === body);
  if (!found) throw new Error(`nobody said ${body}`);
  return found.event_id;
};

const redacts = (flow: GroupFlow, target: EventId) =>
  flow.world.push({
    kind: "redaction",
    room: flow.id,
    sender: ANA,
    at: 0,
    id: flow.world.newEventId(),
    target,
  });

describe("what another member wrote", () => {
  test("is deleted in the group by its administrator's redaction", async () => {
    await using flow = await begin("admin");
    await redacts(flow, eventOf(flow, "hello"));
    expect(flow.client.taken).toEqual([{ kind: "delete", target: "1", author: "Bram" }]);
    expect(flow.shown).toEqual(["Bram: hello"]);
    // The network's own copy, and an edit that was on its way, bring nothing back.
    const text = { kind: "text", style: "text", body: { text: "hello again", spans: [] } } as const;
    await flow.group.does("Bram", "e", { kind: "edit", target: "1" as never, message: { parts: [text] } });
    await settle();
    expect(flow.shown.filter((said) => said.includes("again"))).toEqual([]);
  });

  test("stays there where our person is no administrator, which is said", async () => {
    await using flow = await begin("member");
    await redacts(flow, eventOf(flow, "hello"));
    expect(flow.client.taken).toEqual([]);
    expect(flow.shown.at(-1)).toBe(
      "bot: ⚠️ Not delivered. Only who wrote a message, or an admin, can delete it there; it is hidden in this room only.",
    );
  });

  test("stays where the network lets nobody delete it, as before", async () => {
    await using flow = await begin("admin");
    flow.client.granted = ALL;
    await redacts(flow, eventOf(flow, "hello"));
    expect(flow.client.taken).toEqual([]);
    expect(flow.shown.at(-1)).toBe(
      "bot: ⚠️ Not delivered. Only who wrote a message can delete it there; it is hidden in this room only.",
    );
  });
});

test("a mention of everybody, and of a member, is one in the group", async () => {
  await using flow = await begin("member");
  const dirk = flow.ghostOf("Dirk");
  const content = {
    msgtype: "m.text",
    body: "@room and Dirk, dinner",
    format: "org.matrix.custom.html",
    formatted_body: `@room and <a href="https://matrix.to/#/${dirk}">Dirk</a>, dinner`,
    "m.mentions": { room: true, user_ids: [dirk] },
  };
  flow.room.put(ANA, "m.room.message", content);
  const decoded = decodeEvent(flow.room.timeline.at(-1), () => false, flow.id);
  if (decoded.kind !== "event") throw new Error(decoded.why);
  await flow.world.push(decoded.event);
  const [sent] = flow.client.taken;
  const [part] = sent?.kind === "message" ? sent.message.parts : [];
  expect(part).toMatchObject({
    body: { spans: [{ style: { kind: "mentionRoom" } }, { style: { kind: "mentionUser", user: dirk } }] },
  });
});
