import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MessageId } from "../../../src/core/model/ids.ts";
import { bundleNodes, registrationNode } from "../../../src/networks/meta-interop/session/key-stanzas.ts";
import { bytes, child, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";
import { noFiles } from "../../kit/media-workshop.ts";
import { countAnswer } from "../../kit/scripted-gatekeeper.ts";

let pair: InteropPair;
beforeEach(async () => {
  pair = await InteropPair.start();
});
afterEach(() => pair[Symbol.asyncDispose]());

const messages = () => pair.gatekeeper.stanzas.filter(({ tag }) => tag === "message");
const sealedIn = (message: Node | undefined) => {
  const enc = message && child(message, "enc");
  return Buffer.from((enc && bytes(enc)) ?? []).toString("hex");
};
const fetches = () =>
  pair.gatekeeper.stanzas.filter(
    (stanza) => stanza.tag === "iq" && stanza.attrs["type"] === "get" && child(stanza, "key") !== undefined,
  ).length;

/** A retry receipt from the contact, with keys for a new session or without. */
const asksAgain = (id: string, count: number, keys: boolean) => {
  const bundle = pair.peer.bundle();
  const offered = [registrationNode(bundle.registrationId), node("keys", {}, bundleNodes(bundle))];
  const retry = node("retry", { count: String(count), id, t: "1", v: "1" });
  pair.gatekeeper.send(
    node("receipt", { type: "retry", id, from: peerJid, t: "1" }, keys ? [retry, ...offered] : [retry]),
  );
};

describe("sending", () => {
  test("fetches keys once, and the contact reads everything in order", async () => {
    await Promise.all(["a", "b", "c"].map((text, index) => pair.send(`X${index}`, text)));
    const read: string[] = [];
    for (const message of messages()) read.push(await pair.reads(message));
    expect(read).toEqual(["a", "b", "c"]);
    expect(fetches()).toBe(1);
    expect(messages()[0]?.attrs).toEqual({ id: "X0", to: peerJid, type: "text" });
  });

  test("works with a bundle that has no one-time key", async () => {
    pair.oneTimeKeys = false;
    await pair.send("X1", "a");
    expect(await pair.reads(await pair.sentMessage("X1"))).toBe("a");
  });

  test("repeats the very ciphertext while its session is current, also after a restart", async () => {
    pair.gatekeeper.ack = () => undefined;
    const lost = pair.send("X1", "a").catch((error: unknown) => error);
    await pair.sentMessage("X1");
    pair.gatekeeper.cut();
    expect(await lost).toMatchObject({ reason: "remote-unreachable", certain: false });
    await pair.restart();
    pair.gatekeeper.ack = ({ attrs: { id, to } }) => node("ack", { class: "message", id, from: to });
    await pair.send("X1", "a");
    expect(messages().map(sealedIn)[1]).toBe(sealedIn(messages()[0]));
  });

  test("encrypts anew, under the same id, where another session took over", async () => {
    pair.gatekeeper.ack = () => undefined;
    const lost = pair.send("X1", "a").catch((error: unknown) => error);
    await pair.sentMessage("X1");
    pair.gatekeeper.cut();
    await lost;
    await pair.restart();
    pair.peer.reinstall();
    await pair.peerStarts();
    await pair.says("m1", "new phone");
    await pair.acked("m1");
    pair.gatekeeper.ack = ({ attrs: { id, to } }) => node("ack", { class: "message", id, from: to });
    await pair.send("X1", "a");
    const [first, second] = messages();
    expect(sealedIn(second)).not.toBe(sealedIn(first));
    expect(second && (await pair.reads(second))).toBe("a");
  });

  test("goes on after a commit that failed", async () => {
    const sealing = pair.sink.journal("X1" as MessageId);
    const outgoing = { kind: "message", message: { parts: [] } } as const;
    const failing = { ...sealing, seal: async () => Promise.reject(new Error("full")) };
    await expect(
      pair.client.send({ chat: pair.chat, id: "X1" as MessageId, outgoing, open: noFiles }, failing),
    ).rejects.toThrow("full");
    await pair.send("X2", "b");
    expect(messages().map(({ attrs }) => attrs["id"])).toEqual(["X2"]);
    expect(await pair.reads(await pair.sentMessage("X2"))).toBe("b");
  });

  test.each([
    ["405", "not-reachable", undefined],
    ["404", "gone", undefined],
    ["470", "unsupported", undefined],
    ["429", "remote-refused", 3_000],
    ["491", "remote-refused", undefined],
  ] as const)("an ack with error %s is %s, in words", async (error, reason, retryAfter) => {
    pair.gatekeeper.ack = ({ attrs: { id, to } }) =>
      node("ack", { class: "message", id, from: to, error, retry_after: error === "429" ? "3" : undefined });
    const failure = pair.send("X1", "a");
    await expect(failure).rejects.toMatchObject({ reason, retryAfter, certain: true });
    await expect(failure).rejects.toMatchObject({ words: expect.stringMatching(/^[A-Z].{20,}/) });
  });

  test("a contact without keys is gone; a text over the network's limit is refused", async () => {
    const gone = node("user", { jid: peerJid }, [node("error", { code: "404" })]);
    pair.gatekeeper.answers.set(
      "encrypt get",
      countAnswer("0", "0", ({ attrs: { id } }) =>
        node("iq", { id, type: "result" }, [node("list", {}, [gone])]),
      ),
    );
    await expect(pair.send("X1", "a")).rejects.toMatchObject({ reason: "gone" });
    await expect(pair.send("X2", "a".repeat(5_001))).rejects.toMatchObject({ reason: "too-large" });
  });

  test("waits for the connection to come back", async () => {
    await pair.send("X1", "a");
    pair.gatekeeper.cut();
    await pair.sink.until("the loss", () => pair.client.state.kind !== "connected");
    await pair.send("X2", "b");
    expect(pair.gatekeeper.connections).toBe(2);
  });
});

describe("a retry receipt of the contact's", () => {
  test("with keys gets the same text in a new session under the same id", async () => {
    await pair.send("X1", "a");
    pair.peer.reinstall();
    asksAgain("X1", 1, true);
    await pair.acked("X1", "receipt");
    const again = messages()[1];
    expect(again?.attrs["id"]).toBe("X1");
    expect(again && (await pair.reads(again))).toBe("a");
    expect(pair.sink.events.map(({ kind }) => kind)).toEqual(["identity-changed"]);
  });

  test("with the keys of somebody its writer does not know is not answered", async () => {
    await pair.send("X1", "a");
    const accept = pair.sink.accept.bind(pair.sink);
    // As the core does for a verified contact.
    pair.sink.accept = async (events, record) => {
      await accept(events, record);
      if (events.some(({ kind }) => kind === "identity-changed")) pair.sink.sent.clear();
    };
    pair.peer.reinstall();
    asksAgain("X1", 1, true);
    await pair.acked("X1", "receipt");
    expect(messages()).toHaveLength(1);
  });

  test("is answered at most five times", async () => {
    await pair.send("X1", "a");
    for (let count = 1; count <= 7; count += 1) {
      const since = pair.gatekeeper.stanzas.length;
      asksAgain("X1", count, true);
      await pair.acked("X1", "receipt", since);
    }
    expect(messages()).toHaveLength(6);
  });

  test("without keys is answered in the session there is, then in a new one", async () => {
    await pair.send("X1", "a");
    asksAgain("X1", 1, false);
    await pair.acked("X1", "receipt");
    expect(fetches()).toBe(1);
    const since = pair.gatekeeper.stanzas.length;
    asksAgain("X1", 2, false);
    await pair.acked("X1", "receipt", since);
    expect(fetches()).toBe(2);
    const third = messages()[2];
    expect(third && (await pair.reads(third))).toBe("a");
  });

  test("for what is no longer kept is acknowledged; malformed keys end nothing", async () => {
    await pair.send("X1", "a");
    asksAgain("nothing", 1, true);
    await pair.acked("nothing", "receipt");
    const broken = node("keys", {}, [node("type", {}, Uint8Array.of(9))]);
    const retry = node("retry", { count: "1", id: "X1", t: "1", v: "1" });
    pair.gatekeeper.send(node("receipt", { type: "retry", id: "X1", from: peerJid }, [retry, broken]));
    await pair.acked("X1", "receipt");
    await pair.send("X2", "b");
  });
});

test("read and delivered receipts are told, then acknowledged", async () => {
  const list = node("list", {}, [node("item", { id: "X2" })]);
  pair.gatekeeper.send(node("receipt", { id: "X1", from: peerJid, type: "read", t: "1" }, [list]));
  await pair.acked("X1", "receipt");
  expect(pair.sink.receipts).toEqual([{ chat: peerJid, person: peerJid, kind: "read", ids: ["X1", "X2"] }]);
});

test("typing is passed on", async () => {
  pair.gatekeeper.send(node("chatstate", { from: peerJid }, [node("composing")]));
  await pair.sink.until("typing", () => pair.sink.signals[0]);
  const typing = { kind: "typing", chat: peerJid, sender: peerJid, active: true };
  expect(pair.sink.signals).toEqual([{ ...typing, voice: false }]);
  pair.gatekeeper.send(node("chatstate", { from: peerJid }, [node("composing", { media: "audio" })]));
  await pair.sink.until("recording", () => pair.sink.signals.find(({ voice }) => voice));
});
