import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { bytes, child, children, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { countAnswer } from "../../kit/scripted-gatekeeper.ts";

let pair: InteropPair;
beforeEach(async () => {
  pair = await InteropPair.start();
});
afterEach(() => pair[Symbol.asyncDispose]());

const uploads = () =>
  pair.gatekeeper.stanzas.filter(({ tag, attrs }) => tag === "iq" && attrs["type"] === "set");
const idsIn = (parent: Node | undefined, tag: string) =>
  (parent ? children(parent, tag) : []).map((key) => {
    const id = child(key, "id");
    return Buffer.from((id && bytes(id)) ?? []).readUIntBE(0, 3);
  });
const left = (value: string, kyber: string) =>
  pair.gatekeeper.answers.set("encrypt get", countAnswer(value, kyber));

describe("prekeys", () => {
  test("are stored before they are uploaded: a hundred of each, and the lasting ones", async () => {
    const [upload] = uploads();
    const curve = idsIn(upload && child(upload, "list"), "key");
    const kyber = idsIn(upload && child(upload, "kyberlist"), "kyber");
    const lastResort = idsIn(upload, "kyber");
    expect([curve.length, kyber.length, lastResort.length]).toEqual([100, 100, 1]);
    expect(new Set([...kyber, ...lastResort]).size).toBe(101);
    const signal = pair.store.family(signalRecords);
    expect(await signal.preKeyIds(aciOf(pair.login.id), "one-time")).toEqual(curve);
    expect(await signal.preKeyIds(aciOf(pair.login.id), "kyber")).toEqual(kyber);
    expect(await signal.preKeyIds(aciOf(pair.login.id), "kyber-last-resort")).toEqual(lastResort);
    expect(await signal.preKeyIds(aciOf(pair.login.id), "signed")).toEqual(idsIn(upload, "skey"));
  });

  test("are left alone where there are enough, and topped up with new ids where there are not", async () => {
    const [first] = uploads();
    left("20", "99");
    await pair.restart();
    expect(uploads()).toHaveLength(1);
    left("19", "99");
    pair.gatekeeper.send(
      node("notification", { id: "n1", type: "encrypt", from: "s.whatsapp.net" }, [
        node("count", { value: "19" }),
      ]),
    );
    await pair.acked("n1", "notification");
    const topUp = await pair.gatekeeper.until("a top-up", (stanza) => uploads().indexOf(stanza) === 1);
    const ids = idsIn(child(topUp, "list"), "key");
    expect(ids).toHaveLength(81);
    expect(child(topUp, "skey") ?? child(topUp, "kyberlist")).toBeUndefined();
    const used = new Set(idsIn(first && child(first, "list"), "key"));
    expect(ids.filter((id) => used.has(id))).toEqual([]);
  });

  test("are used once: what decrypted a first message is gone", async () => {
    await pair.peerStarts();
    await pair.says("m1", "one");
    await pair.acked("m1");
    expect(await pair.store.family(signalRecords).preKeyIds(aciOf(pair.login.id), "one-time")).toHaveLength(
      99,
    );
  });

  test("that could not be counted do not keep the connection from coming up, and are counted again", async () => {
    await pair.client[Symbol.asyncDispose]();
    const counted = uploads().length;
    let asked = 0;
    pair.gatekeeper.answers.set("encrypt get", (iq) => {
      asked += 1;
      if (asked > 1) return countAnswer("0", "0")(iq);
      return node("iq", { id: iq.attrs["id"], type: "error" }, [node("error", { code: "429" })]);
    });
    await pair.connect();
    expect(asked).toBe(1);
    await pair.gatekeeper.until("the upload", (stanza) => uploads().indexOf(stanza) === counted);
  });
});
