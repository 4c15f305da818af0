import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const block = { kind: "block", blocked: true, spam: false } as const;
const unblock = { ...block, blocked: false } as const;
/** The statuses that the room shows of an event. */
const statusesOf = (flow: OpenFlow, event: string) =>
  flow.events.flatMap(({ send: { type, content } }) =>
    type === "com.beeper.message_send_status" &&
    JSON.stringify(content["m.relates_to"]).includes(`"${event}"`)
      ? [content["status"]]
      : [],
  );

test("a client's own block is the network's too, and is lifted there", async () => {
  await using flow = await OpenFlow.begin();
  const sent = flow.client.taken.length;
  const wish = await flow.does({ ...block, beeper: true });
  expect([...flow.client.blocked]).toEqual(["Bram"]);
  expect(flow.last).toBe(
    "bot: Bram is blocked: WhatsApp keeps their messages from you, and nothing is sent to them. Write “unblock whatsapp Bram” to lift it.",
  );
  expect(statusesOf(flow, wish)).toEqual(["SUCCESS"]);
  await flow.says("still there?");
  expect(flow.last).toContain("You have blocked Bram.");
  await flow.does(unblock);
  expect([...flow.client.blocked]).toEqual([]);
  expect(flow.last).toBe("bot: Bram is not blocked any more.");
  expect(flow.client.taken).toHaveLength(sent);
});

test("it goes nowhere from somebody else, and a report is not made without its question", async () => {
  await using flow = await OpenFlow.begin();
  await flow.does({ ...block, sender: BEN });
  expect(flow.client.blocked.size).toBe(0);
  expect(flow.last).toBe("bot: Only @ana:test can block somebody in this chat.");
  await flow.does({ ...block, spam: true });
  expect(flow.client.blocked.size).toBe(1);
  expect(flow.last).toContain(
    "They were not reported: write “report whatsapp Bram” to the bot to see what that hands over.",
  );
  expect(flow.client.reports).toEqual([]);
});

test("in a group it says how one person is blocked, and to the bot it is no command", async () => {
  await using flow = await OpenFlow.begin();
  const group = flow.world.network.group("Hikers", { Cleo: "owner" }, [ANA]);
  await flow.client.brings({
    kind: "message",
    chat: group.chat,
    sender: "Cleo" as PersonId,
    id: "7" as MessageId,
    at: 0,
    message: { parts: [{ kind: "text", style: "text", body: { text: "hi", spans: [] } }] },
  });
  await settle();
  const { room } = await flow.world.portal(ANA, group.chat);
  await flow.does({ ...block, room });
  expect(flow.world.homeserver.shown(room).at(-1)).toBe(
    "bot: This is a group, and a block is about one person. Write “block whatsapp …” to the bot with the name of somebody you have a chat with.",
  );
  await flow.does({ ...block, room: flow.management });
  expect(flow.world.homeserver.shown(flow.management).at(-1)).toContain("a request to block somebody");
  expect(flow.client.blocked.size).toBe(0);
});

test("where the network does not take it, that is said and nobody is said to be blocked; the chat goes on", async () => {
  await using flow = await OpenFlow.begin();
  flow.client.setBlocked = async () => {
    throw new BridgeError("remote-unreachable", {
      words: "WhatsApp did not answer; block them again later.",
      certain: true,
      retryAfter: 0,
    });
  };
  const wish = await flow.does({ ...block, beeper: true });
  expect(flow.last).toBe("bot: WhatsApp did not answer; block them again later.");
  expect(statusesOf(flow, wish)).toEqual(["FAIL_PERMANENT"]);
  await flow.says("hello");
  expect(flow.client.taken).toHaveLength(1);
});

test("the bot says whether a network has blocks", async () => {
  await using flow = await OpenFlow.begin();
  const granted = flow.client.capabilities();
  const says = async (): Promise<string> => {
    const before = flow.world.homeserver.shown(flow.management).length;
    await flow.world.says(ANA, flow.management, "capabilities whatsapp");
    return flow.world.homeserver.shown(flow.management).slice(before).join("\n");
  };
  expect(await says()).toContain("• blocking a contact: yes");
  flow.client.capabilities = () => ({ ...granted, blocks: false });
  expect(await says()).toContain("• blocking a contact: no");
});

test("what a client asked for stays when the contact is ignored no more", async () => {
  await using flow = await OpenFlow.begin();
  flow.world.puppets.there = true;
  const [ghost] = await flow.world.store.ghosts.all();
  if (!ghost) throw new Error("no ghost");
  flow.world.puppets.ignored.set(ANA, [ghost.user]);
  await flow.world.clock.advance(61_000);
  await flow.does(block);
  flow.world.puppets.ignored.clear();
  await flow.world.clock.advance(61_000);
  expect([...flow.client.blocked]).toEqual(["Bram"]);
});

test("who wrote first and was blocked for a while is not said to be out of reach", async () => {
  await using flow = await OpenFlow.begin();
  await flow.client.says("Carla", "c1", "hello");
  await settle();
  await flow.asks("block whatsapp Carla");
  await flow.asks("unblock whatsapp Carla");
  expect(await flow.asks("start-chat whatsapp Carla")).not.toMatch(/cannot be reached/);
});
