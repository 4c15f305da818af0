import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { IdentifierOf } from "../../../src/networks/meta-interop/account/enlist.ts";
import { identifiersBy } from "../../../src/networks/meta-interop/account/identifiers.ts";
import { type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";

let pair: InteropPair;
beforeEach(async () => {
  pair = await InteropPair.start();
});
afterEach(() => pair[Symbol.asyncDispose]());

const kinds = () => pair.sink.states.map(({ kind }) => kind);
const refused = () =>
  pair.sink.until("a refusal", () => pair.sink.states.find((state) => state.kind === "refused"));

describe("the connection", () => {
  test("comes back at once when asked to, and with a pause when it breaks", async () => {
    pair.gatekeeper.send(node("stream:error", { code: "515" }));
    await pair.sink.until(
      "the second connection",
      () => kinds().filter((kind) => kind === "connected").length === 2,
    );
    expect(kinds()).toEqual(["connecting", "connected", "connecting", "connected"]);
    pair.gatekeeper.cut();
    await pair.sink.until("the third", () => kinds().filter((kind) => kind === "connected").length === 3);
    expect(kinds().slice(4)).toEqual(["waiting", "connecting", "connected"]);
  });

  test("does not fight another one that took its place", async () => {
    pair.gatekeeper.send(node("conflict", { type: "replaced" }));
    expect(await refused()).toMatchObject({ words: expect.stringContaining("another bridge") });
    await expect(pair.client.find("+31612345678")).rejects.toMatchObject({ reason: "remote-refused" });
  });

  test("is refused for good outside the EEA, and where the integrator was removed", async () => {
    pair.gatekeeper.greeting = node("failure", { reason: "403" });
    pair.gatekeeper.cut();
    expect(await refused()).toMatchObject({ words: expect.stringContaining("European Economic Area") });
    pair.gatekeeper.greeting = node("failure", { reason: "410" });
    await pair.client[Symbol.asyncDispose]();
    await expect(pair.connect()).rejects.toMatchObject({ reason: "remote-refused" });
    expect(await pair.sink.until("the end", () => pair.sink.endings.length > 0 && pair.sink.endings)).toEqual(
      [{ kind: "removed", words: "WhatsApp no longer works together with this service." }],
    );
  });

  test("a refused token is tried a few times, as keys and clocks may just have changed", async () => {
    await pair[Symbol.asyncDispose]();
    pair = await InteropPair.start(hurriedClock);
    pair.gatekeeper.greeting = node("failure", { reason: "401" });
    pair.gatekeeper.cut();
    expect(await refused()).toMatchObject({ words: expect.stringContaining("proof of who you are") });
    expect(pair.gatekeeper.connections).toBe(13);
    pair.gatekeeper.greeting = node("success");
    pair.network.wake("105012");
    await pair.client.connected(AbortSignal.timeout(5_000));
  });

  test.each([
    ["a frame that is not sealed", () => pair.gatekeeper.sendRaw(new Uint8Array(40), { sealed: false })],
    ["a stream error", () => pair.gatekeeper.send(node("stream:error", { code: "503" }))],
  ])("%s ends it, and the next one works", async (_, act) => {
    act();
    await pair.sink.until("the second", () => kinds().filter((kind) => kind === "connected").length === 2);
    await pair.send("X1", "a");
  });

  test("a server with another root key learns nothing and is not talked to", async () => {
    const other = await InteropPair.start();
    try {
      const account = JSON.parse(pair.login.account) as Record<string, unknown>;
      const login = { ...pair.login, account: JSON.stringify({ ...account, chatUrl: other.gatekeeper.url }) };
      const before = other.gatekeeper.connections;
      const client = pair.network.connect(login, pair.sink);
      await pair.sink.until("the failure", () => kinds().includes("waiting"));
      await client[Symbol.asyncDispose]();
      expect(other.gatekeeper.connections).toBe(before);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  test("survives stanzas of every odd shape, and reads the next message", async () => {
    await pair.peerStarts();
    const tags =
      "message receipt notification chatstate call iq ib ack presence features enc list count retry keys";
    const tag = fc.constantFrom(...tags.split(" "));
    const name = fc.constantFrom(
      "id",
      "from",
      "to",
      "type",
      "t",
      "sts",
      "class",
      "jid",
      "xmlns",
      "participant",
      "code",
    );
    const value = fc.oneof(
      fc.constantFrom(
        peerJid,
        "s.whatsapp.net",
        "retry",
        "w:interop",
        "encrypt",
        "get",
        "result",
        "read",
        "-1",
      ),
      fc.string({ maxLength: 20 }),
    );
    const { stanza } = fc.letrec<{ stanza: Node }>((tie) => ({
      stanza: fc
        .record({
          tag,
          attrs: fc.dictionary(name, value, { maxKeys: 6 }),
          content: fc.oneof(
            { maxDepth: 3 },
            fc.constant(undefined),
            fc.uint8Array({ maxLength: 20 }),
            fc.array(tie("stanza"), { maxLength: 3 }),
          ),
        })
        .map(({ tag, attrs, content }) => node(tag, attrs, content)),
    }));
    for (const odd of fc.sample(stanza, 400)) pair.gatekeeper.send(odd);
    await pair.client.connected(AbortSignal.timeout(5_000));
    await pair.says("m1", "still here");
    await pair.acked("m1");
    expect(pair.sink.texts()).toEqual(["still here"]);
    expect(pair.gatekeeper.connections).toBe(1);
  });

  test("answers pings", async () => {
    pair.gatekeeper.send(
      node("iq", { id: "p1", type: "get", xmlns: "urn:xmpp:ping", from: "s.whatsapp.net" }),
    );
    const answer = await pair.gatekeeper.until("the answer", ({ attrs }) => attrs["id"] === "p1");
    expect(answer.attrs["type"]).toBe("result");
  });
});

describe("who the person is", () => {
  test.each([
    [
      "the administrator gave them another address",
      async () => ({ type: "email", value: "b@example.org" }) as const,
    ],
    ["nobody confirms their address any more", identifiersBy({ type: "email", vouched: {} })],
  ])("is checked at each token: %s", async (_, changed) => {
    await pair[Symbol.asyncDispose]();
    let identifierOf: IdentifierOf = async (user) => ({ type: "username", value: user });
    pair = await InteropPair.start(hurriedClock, { identifierOf: (user) => identifierOf(user) });
    identifierOf = changed;
    const { connections } = pair.gatekeeper;
    pair.gatekeeper.cut();
    expect(await refused()).toMatchObject({ words: expect.stringMatching(/no longer|not confirmed/) });
    expect(pair.gatekeeper.connections).toBe(connections);
  });
});

describe("notifications", () => {
  const tell = async (id: string, ...content: ReturnType<typeof node>[]) => {
    pair.gatekeeper.send(
      node("notification", { id, type: "w:interop", from: "s.whatsapp.net", t: "1700000005" }, content),
    );
    await pair.acked(id, "notification");
  };

  test("about a contact become events", async () => {
    const jid = peerJid;
    await tell("n1", node("opt_out", { jid }), node("opt_in", { jid }), node("blocked", { jid }));
    await tell("n2", node("profile", { jid, display_name: "Willem" }), node("unblocked", { jid }));
    await tell("n3", node("profile", { jid: "not one" }), node("strange"));
    expect(pair.sink.events).toMatchObject([
      { kind: "reachability", state: "off", sender: jid, at: 1_700_000_005_000 },
      { kind: "reachability", state: "reachable" },
      { kind: "reachability", state: "blocked" },
      { kind: "renamed", name: "Willem" },
      { kind: "reachability", state: "reachable" },
    ]);
    expect(new Set(pair.sink.events.map(({ id }) => id)).size).toBe(5);
  });

  test("of a picture become an event where they say something usable of it", async () => {
    const jid = peerJid;
    const base64 = Buffer.alloc(32, 7).toString("base64");
    const attrs = { direct_path: "/p", key: base64, sha256: base64, enc_sha256: base64, length: "9" };
    const profile = (...picture: ReturnType<typeof node>[]) => node("profile", { jid }, picture);
    await tell("n1", profile(node("picture", attrs)), profile(node("picture")), profile());
    await tell("n2", profile(node("picture", { ...attrs, key: "short" })));
    await tell("n3", profile(node("picture", { ...attrs, length: "-1" })));
    const ref = { path: "/p", use: "image", key: base64, plain: base64, encrypted: base64, length: 9 };
    expect(pair.sink.events).toMatchObject([
      { kind: "avatar", sender: jid, avatar: JSON.stringify(ref) },
      { kind: "avatar", sender: jid, avatar: "" },
    ]);
  });

  test("of a feature change the limit at once", async () => {
    await tell("n1", node("features", {}, [node("limits", { text: "3" })]));
    await expect(pair.send("X1", "four")).rejects.toMatchObject({ reason: "too-large" });
  });

  test("of the end are told as such", async () => {
    await tell("n1", node("integrator", { status: "active" }));
    expect(pair.sink.endings).toEqual([]);
    await tell("n2", node("ended"));
    await tell("n3", node("ended"));
    expect(pair.sink.endings).toEqual([{ kind: "withdrawn", words: expect.stringContaining("withdrawn") }]);
    await tell("n4", node("features", { reactions: "true" }));
    expect(pair.sink.endings.at(-1)).toBe("resumed");
    await tell("n5", node("features", { reactions: "true" }));
    expect(pair.sink.endings).toHaveLength(2);
    await tell("n6", node("integrator", { status: "onboarding" }));
    await tell("n7", node("integrator", { status: "removed" }));
    await tell("n8", node("integrator", { status: "active" }));
    expect(pair.sink.endings.slice(2)).toMatchObject([{ kind: "withdrawn" }, { kind: "removed" }, "resumed"]);
  });
});

test("a call is a notice in the chat", async () => {
  pair.gatekeeper.send(node("call", { id: "c1", from: peerJid, t: "1700000005" }));
  await pair.acked("c1", "call");
  expect(pair.sink.events).toMatchObject([{ kind: "call", video: false, at: 1_700_000_005_000 }]);
  pair.gatekeeper.send(
    node("call", { id: "c2", from: peerJid, t: "6" }, [node("offer", {}, [node("video")])]),
  );
  await pair.acked("c2", "call");
  expect(pair.sink.events[1]).toMatchObject({ kind: "call", video: true });
  pair.gatekeeper.send(node("call", { id: "c3", from: peerJid, t: "7" }, [node("terminate")]));
  await pair.acked("c3", "call");
  expect(pair.sink.events).toHaveLength(2);
});

test("contacts who left, or changed their choice, are told as such", async () => {
  const choices = [
    ["off", "off"],
    ["app", "app"],
    ["gone", "gone"],
    [undefined, "off"],
  ] as const;
  for (const [index, [reason, state]] of choices.entries()) {
    const news = node("opt_out", { jid: peerJid, reason });
    const id = `o${index}`;
    pair.gatekeeper.send(node("notification", { id, type: "w:interop", from: "s.whatsapp.net" }, [news]));
    await pair.acked(id, "notification");
    expect(pair.sink.events.at(-1)).toMatchObject({ kind: "reachability", state, sender: peerJid });
  }
});
