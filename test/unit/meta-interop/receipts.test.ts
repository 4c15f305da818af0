import { expect, test } from "@jest/globals";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
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
  expect(pair.sink.receipts).toEqual([{ chat: peerJid, kind: "read", ids: ["M1"] }]);
  expect(pair.gatekeeper.connections).toBe(1);
});
