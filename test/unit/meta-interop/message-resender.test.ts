import { describe, expect, test } from "@jest/globals";
import type { ChatId, MessageId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { bundleNodes, registrationNode } from "../../../src/networks/meta-interop/session/key-stanzas.ts";
import { bytes, child, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";
import { InteropWorld } from "../../kit/interop-world.ts";
import { noFiles } from "../../kit/media-workshop.ts";

const messages = ({ gatekeeper }: InteropPair) => gatekeeper.stanzas.filter(({ tag }) => tag === "message");
const sealedIn = (message: Node | undefined) => {
  const enc = message && child(message, "enc");
  return Buffer.from((enc && bytes(enc)) ?? []).toString("hex");
};
const acks = ({ gatekeeper }: InteropPair) =>
  gatekeeper.stanzas.filter(({ tag, attrs }) => tag === "ack" && attrs["type"] === "retry").length;
const taken = ({ attrs: { id, to } }: Node, error?: string) =>
  node("ack", { class: "message", id, from: to, t: "1", error });

/** A retry receipt with keys for a new session, as the gatekeeper delivers it. */
const retryReceipt = (pair: InteropPair, id: string, count: number): Node => {
  const bundle = pair.peer.bundle();
  return node("receipt", { type: "retry", id, from: peerJid, t: "1" }, [
    node("retry", { count: String(count), id, t: "1", v: "1" }),
    registrationNode(bundle.registrationId),
    node("keys", {}, bundleNodes(bundle)),
  ]);
};

describe("a message that is asked for again", () => {
  test.each(["429", "503"])(
    "and not taken at once (%s) goes until it is, in the same bytes",
    async (error) => {
      await using pair = await InteropPair.start(hurriedClock);
      await pair.send("X1", "a");
      let refusals = 2;
      pair.gatekeeper.ack = (message) => taken(message, refusals-- > 0 ? error : undefined);
      pair.gatekeeper.send(retryReceipt(pair, "X1", 1));
      await pair.acked("X1", "receipt");
      const [, ...again] = messages(pair);
      expect(again).toHaveLength(3);
      expect(new Set(again.map(sealedIn)).size).toBe(1);
      expect(again[2] && (await pair.reads(again[2]))).toBe("a");
      expect(pair.sink.undelivereds).toEqual([]);
    },
  );

  test("and refused is told to its sender, then acknowledged", async () => {
    await using pair = await InteropPair.start();
    await pair.send("X1", "a");
    pair.gatekeeper.ack = (message) => taken(message, "405");
    pair.gatekeeper.send(retryReceipt(pair, "X1", 1));
    await pair.acked("X1", "receipt");
    expect(pair.sink.undelivereds).toMatchObject([{ id: "X1", reason: "not-reachable" }]);
  });

  test("over a connection that breaks goes over the next, in the same bytes, also after a restart", async () => {
    await using pair = await InteropPair.start();
    await pair.send("X1", "a");
    pair.gatekeeper.ack = () => undefined;
    const receipt = retryReceipt(pair, "X1", 1);
    pair.gatekeeper.send(receipt);
    await pair.gatekeeper.until("the answer", () => messages(pair).length === 2);
    expect(acks(pair)).toBe(0);
    pair.gatekeeper.cut();
    await pair.restart();
    pair.gatekeeper.ack = taken;
    pair.gatekeeper.send(receipt);
    await pair.acked("X1", "receipt");
    const [, first, second] = messages(pair);
    expect(sealedIn(second)).toBe(sealedIn(first));
    expect(second && (await pair.reads(second))).toBe("a");
  });

  test("while the disk is full goes by itself when it is not, over the same connection", async () => {
    await using pair = await InteropPair.start(hurriedClock);
    await pair.send("X1", "a");
    pair.sink.failures = 2;
    pair.gatekeeper.send(retryReceipt(pair, "X1", 1));
    await pair.acked("X1", "receipt");
    expect(messages(pair)).toHaveLength(2);
    expect(pair.gatekeeper.connections).toBe(1);
  });

  test("six times is given up in words, and only what was taken counts, over restarts", async () => {
    await using pair = await InteropPair.start(hurriedClock);
    await pair.send("X1", "a");
    const ask = async (count: number) => {
      const since = pair.gatekeeper.stanzas.length;
      pair.gatekeeper.send(retryReceipt(pair, "X1", count));
      await pair.acked("X1", "receipt", since);
    };
    let refusals = 4;
    pair.gatekeeper.ack = (message) => taken(message, refusals-- > 0 ? "503" : undefined);
    for (const count of [1, 2, 3]) await ask(count);
    await pair.restart();
    for (const count of [4, 5]) await ask(count);
    expect(messages(pair)).toHaveLength(1 + 5 + 4);
    expect(pair.sink.undelivereds).toEqual([]);
    await ask(6);
    expect(messages(pair)).toHaveLength(1 + 5 + 4);
    expect(pair.sink.undelivereds).toMatchObject([{ id: "X1", words: expect.stringContaining("5 times") }]);
    // Its sender sends it once more.
    await pair.send("X1", "a");
    await ask(1);
    expect(messages(pair)).toHaveLength(1 + 5 + 4 + 2);
    expect(pair.sink.undelivereds).toHaveLength(1);
  });

  test("and no longer kept is told to its sender", async () => {
    await using pair = await InteropPair.start();
    await pair.send("X1", "a");
    pair.sink.sent.clear();
    pair.gatekeeper.send(retryReceipt(pair, "X1", 1));
    await pair.acked("X1", "receipt");
    expect(pair.sink.undelivereds).toMatchObject([
      { id: "X1", words: expect.stringContaining("no longer kept") },
    ]);
  });
});

test("a message that a phone could not read arrives though the network is busy when it goes again", async () => {
  await using world = await InteropWorld.start();
  const person = await world.control.call("POST", "/people", { network: "whatsapp", name: "Wim" });
  const { client, sink } = await world.join("@ana:example.org");
  await world.control.call("POST", "/faults", { fault: "retry-receipt", count: 1 });
  await world.control.call("POST", "/faults", { fault: "throttle", stanza: "message", after: 1, count: 1 });
  const part = { kind: "text", style: "text", body: plainText("hello") } as const;
  const outgoing = { kind: "message", message: { parts: [part] } } as const;
  const id = "M1" as MessageId;
  sink.sent.set(id, outgoing);
  const chat = String(person["jid"]) as ChatId;
  await client.send({ chat, id, outgoing, open: noFiles }, sink.journal(id));
  const inbox = `/people/${String(person["person"])}/inbox`;
  const shown: unknown[] = [];
  for (let since = 0; shown.length < 2; ) {
    const { items, next } = await world.control.call("GET", `${inbox}?since=${since}&wait=10000`);
    for (const item of items as { kind: string; text?: string }[]) shown.push(item.text ?? item.kind);
    since = Number(next);
  }
  expect(shown).toEqual(["undecryptable", "hello"]);
  expect(await world.violations()).toEqual([]);
});
