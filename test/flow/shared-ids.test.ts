import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { selfOf } from "../kit/memory-group.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;

/** A group that Ana and Ben share, on a network that gives ids. */
async function shared(): Promise<GroupFlow> {
  const flow = await GroupFlow.open();
  flow.world.network.naming = "by-network";
  await flow.world.optsIn(BEN);
  flow.group.ours.add(BEN);
  const hello = flow.group.event("Bram", "1", { kind: "message", message: said("hello") });
  await flow.world.network.clientOf(BEN).brings(hello);
  await settle();
  flow.homeserver.lets(BEN, flow.id);
  await flow.world.push(flow.membership(BEN, "join"));
  return flow;
}
const clientOf = (flow: GroupFlow, user: typeof ANA) => flow.world.network.clientOf(user);
const does = (flow: GroupFlow, what: object) =>
  flow.world.push({ room: flow.id, at: 0, id: flow.world.newEventId(), ...what } as MatrixEvent);
const bodies = (flow: GroupFlow): readonly unknown[] =>
  flow.room.timeline.map(({ content }) => content["body"]).filter((body) => body !== undefined);

/** The network takes what Ana sends, and answers when the test lets it. */
function answersLate(flow: GroupFlow): Disposable & { readonly answers: () => void } {
  const client = clientOf(flow, ANA);
  const send = client.send.bind(client);
  const answer = Promise.withResolvers<void>();
  client.send = async (...sent) => {
    const taken = await send(...sent);
    await answer.promise;
    return taken;
  };
  const answers = (): void => answer.resolve();
  return { answers, [Symbol.dispose]: answers };
}

describe("in a shared group of a network that gives ids", () => {
  test("a copy that comes to another before the answer comes to its sender is not shown", async () => {
    await using flow = await shared();
    using late = answersLate(flow);
    await flow.world.says(ANA, flow.id, "from Ana");
    await flow.world.clock.advance(10_000);
    expect(bodies(flow)).toEqual(["hello"]);
    late.answers();
    await flow.world.clock.advance(1_000);
    await flow.group.says("Carla", "2", "next");
    await settle();
    expect(bodies(flow)).toEqual(["hello", "next"]);
  });

  test("the group does not stand still for an answer that never comes", async () => {
    await using flow = await shared();
    using _ = answersLate(flow);
    await flow.world.says(ANA, flow.id, "from Ana");
    await flow.group.says("Carla", "2", "meanwhile");
    const onPhone = flow.group.event(selfOf(ANA), "p", { kind: "message", message: said("on my phone") });
    await clientOf(flow, BEN).brings(onPhone);
    await flow.world.clock.advance(60_000);
    expect(bodies(flow)).toContain("meanwhile");
    expect(bodies(flow)).toContain("on my phone");
    expect(flow.world.warnings).toEqual([]);
  });

  test("what another does to a message has the network's id, also while that is not known yet", async () => {
    await using flow = await shared();
    clientOf(flow, ANA).state = { kind: "connecting" };
    const id = await flow.world.says(ANA, flow.id, "from Ana");
    await does(flow, { sender: BEN, kind: "message", message: said("an answer"), replyTo: id });
    await does(flow, { sender: BEN, kind: "reaction", target: id, emoji: "👍" });
    expect(clientOf(flow, BEN).taken).toEqual([]);
    clientOf(flow, ANA).state = { kind: "connected" };
    clientOf(flow, ANA).sink.state(clientOf(flow, ANA).state);
    await flow.world.clock.advance(60_000);
    const [given] = clientOf(flow, ANA).received.keys();
    expect(clientOf(flow, BEN).taken).toMatchObject([
      { kind: "message", message: { replyTo: { id: given, own: false } } },
      { kind: "reaction", target: given },
    ]);
    expect(bodies(flow)).toEqual(["hello"]);
  });

  test("an answer to what never got there goes without it, and a reaction to it is refused with words", async () => {
    await using flow = await shared();
    clientOf(flow, ANA).faults.push({
      when: "before",
      error: new BridgeError("remote-refused", { words: "No.", certain: true }),
    });
    const id: EventId = await flow.world.says(ANA, flow.id, "from Ana");
    await does(flow, { sender: BEN, kind: "message", message: said("an answer"), replyTo: id });
    await does(flow, { sender: BEN, kind: "reaction", target: id, emoji: "👍" });
    await flow.world.clock.advance(60_000);
    expect(clientOf(flow, BEN).taken).toEqual([{ kind: "message", message: said("an answer") }]);
    expect(flow.shown.at(-1)).toMatch(/^bot: ⚠️ Not delivered\. That message did not arrive/);
  });
});
