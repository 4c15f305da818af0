import { expect, test } from "@jest/globals";
import type { MessageId, PersonId } from "../../../src/core/model/ids.ts";
import { readStanzas } from "../../../src/networks/meta-interop/session/receipts.ts";
import { child, children, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";

test("receipts of kinds that say nothing to people are acknowledged, whatever they are called", async () => {
  await using pair = await InteropPair.start();
  const types = ["constructor", "toString", "__proto__", "hasOwnProperty", "inactive"];
  for (const type of types) {
    pair.gatekeeper.send(node("receipt", { type, id: `odd ${type}`, from: peerJid, t: "1" }));
    await pair.acked(`odd ${type}`, "receipt");
  }
  pair.gatekeeper.send(node("receipt", { type: "read", id: "M1", from: peerJid, t: "1" }));
  await pair.acked("M1", "receipt");
  expect(pair.sink.receipts).toEqual([{ chat: peerJid, person: peerJid, kind: "read", ids: ["M1"] }]);
  expect(pair.gatekeeper.connections).toBe(1);
});

test("what was read is told in receipts of at most 256 messages, in order", () => {
  const ids = Array.from({ length: 600 }, (_, n) => `M${n}` as MessageId);
  const stanzas = readStanzas("31600000001@s" as PersonId, ids, "read");
  const named = stanzas.map((stanza) => {
    const list = child(stanza, "list");
    return [stanza.attrs["id"], ...(list ? children(list, "item") : []).map(({ attrs }) => attrs["id"])];
  });
  expect(named.map(({ length }) => length)).toEqual([256, 256, 88]);
  expect(named.flat()).toEqual(ids);
  expect(readStanzas("31600000001@s" as PersonId, [], "read")).toEqual([]);
  const [one] = readStanzas("31600000001@s" as PersonId, ids.slice(0, 1), "read");
  expect(one?.attrs).toMatchObject({ id: "M0", type: "read" });
  expect(one && child(one, "list")).toBeUndefined();
});
