import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";

/** Stanzas that look like those of the profile, with anything in any place. */
function stanzas(jid: string): fc.Arbitrary<Node> {
  const names = ["message", "receipt", "ack", "iq", "chatstate", "presence", "call", "ib", "success", "x"];
  const inner = [
    "enc",
    "list",
    "item",
    "retry",
    "keys",
    "key",
    "skey",
    "kyber",
    "kyberlist",
    "id",
    "value",
    "user",
  ];
  const more = ["users", "blocklist", "count", "registration", "identity", "type", "composing", "signature"];
  const value = fc.oneof(
    fc.constantFrom(
      jid,
      "12-1@interop",
      "1@g.us",
      "get",
      "set",
      "retry",
      "read",
      "pkmsg",
      "msg",
      "text",
      "2",
      "1",
    ),
    fc.constantFrom(
      "encrypt",
      "w:interop",
      "spam",
      "urn:xmpp:ping",
      "message",
      "receipt",
      "block",
      "__proto__",
    ),
    fc.string({ maxLength: 20 }),
  );
  const keys = [
    "id",
    "to",
    "from",
    "type",
    "xmlns",
    "class",
    "v",
    "sts",
    "jid",
    "action",
    "external_id",
    "count",
  ];
  const attrs = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 });
  const { tree } = fc.letrec<{ tree: Node; leaf: Node }>((tie) => ({
    leaf: fc
      .tuple(
        fc.constantFrom(...inner, ...more),
        attrs,
        fc.option(fc.uint8Array({ maxLength: 70 }), { nil: undefined }),
      )
      .map(([tag, given, content]) => node(tag, given, content)),
    tree: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc
        .tuple(fc.constantFrom(...inner, ...more), attrs, fc.array(tie("tree"), { maxLength: 4 }))
        .map(([tag, given, content]) => node(tag, given, content)),
    ),
  }));
  return fc
    .tuple(fc.constantFrom(...names), attrs, fc.array(tree, { maxLength: 4 }))
    .map(([tag, given, content]) => node(tag, given, content));
}

test("no stanza of a client makes the gatekeeper fail or fall silent", async () => {
  await using world = await SandboxWorld.start();
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { chat } = await world.user(ana);
  for (const stanza of fc.sample(stanzas(bram.jid), 1500)) chat.send(stanza);
  for (const bytes of fc.sample(fc.uint8Array({ maxLength: 60 }), 500)) chat.sendSealed(bytes);
  const pong = await chat.ask("urn:xmpp:ping", "get", []);
  expect(pong.attrs["type"]).toBe("result");
  const { user, chat: other } = await world.user("@bea:example.org");
  await user.startSession(other, bram.jid);
  await user.writes(other, bram.jid, "M1", "still there?");
  await bram.hears("still there?");
  expect(world.errors).toEqual([]);
  await chat[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});
