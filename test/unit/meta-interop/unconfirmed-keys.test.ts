import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { bytes, child, children, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import type { PreKeyKind } from "../../../src/signal-protocol/signal-records.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { InteropWorld } from "../../kit/interop-world.ts";

const uploads = ({ gatekeeper }: InteropPair) =>
  gatekeeper.stanzas.filter(({ tag, attrs }) => tag === "iq" && attrs["type"] === "set");
/** Stands for all that an upload says of keys. */
const keysOf = (upload: Node | undefined) =>
  createHash("sha256")
    .update(JSON.stringify(upload?.content ?? ""))
    .digest("hex");
const idsOf = (upload: Node | undefined) =>
  (upload ? children(upload) : [])
    .flatMap((one) => (one.tag === "list" || one.tag === "kyberlist" ? children(one) : [one]))
    .flatMap((key) => {
      const id = child(key, "id");
      return id ? [`${key.tag} ${Buffer.from(bytes(id) ?? []).toString("hex")}`] : [];
    });
const kept = async ({ store, login }: InteropPair) => {
  const kinds: readonly PreKeyKind[] = ["one-time", "kyber", "signed", "kyber-last-resort"];
  return (
    await Promise.all(kinds.map((kind) => store.family(signalRecords).preKeyIds(aciOf(login.id), kind)))
  ).map((ids) => ids.length);
};
const upload = (pair: InteropPair, index: number) =>
  pair.gatekeeper.until(`upload ${index}`, (stanza) => uploads(pair).indexOf(stanza) === index);
/** A login that has not uploaded anything the gatekeeper would know. */
async function unknown(answer: (iq: Node) => Node | undefined): Promise<InteropPair> {
  const pair = await InteropPair.start(hurriedClock);
  await pair.client[Symbol.asyncDispose]();
  await pair.store.write((tx) => {
    const { records } = tx;
    const signal = tx.family(signalRecords);
    records.remove(`login/${pair.login.id}`, "signed-prekey-confirmed");
    signal.dropPreKeysBefore(aciOf(pair.login.id), "one-time", Number.MAX_SAFE_INTEGER);
    signal.dropPreKeysBefore(aciOf(pair.login.id), "kyber", Number.MAX_SAFE_INTEGER);
    signal.dropPreKeysBefore(aciOf(pair.login.id), "signed", Number.MAX_SAFE_INTEGER);
    signal.dropPreKeysBefore(aciOf(pair.login.id), "kyber-last-resort", Number.MAX_SAFE_INTEGER);
  });
  pair.gatekeeper.stanzas.length = 0;
  pair.gatekeeper.answers.set("encrypt set", answer);
  await pair.connect();
  return pair;
}

const refuse = (code: string) => (iq: Node) =>
  node("iq", { id: iq.attrs["id"], type: "error" }, [node("error", { code })]);
const accept = (iq: Node) => node("iq", { id: iq.attrs["id"], type: "result" });

test.each(["503", "429"])(
  "keys that could not be uploaded (%s) are tried again, and no more are made",
  async (code) => {
    await using pair = await unknown(refuse(code));
    await upload(pair, 4);
    expect(keysOf(uploads(pair)[4])).toEqual(keysOf(uploads(pair)[0]));
    expect(await kept(pair)).toEqual([100, 100, 1, 1]);
    pair.gatekeeper.answers.set("encrypt set", accept);
    expect(keysOf(await upload(pair, 5))).toEqual(keysOf(uploads(pair)[0]));
  },
);

test("keys whose upload was not answered are uploaded again after a restart, with what is missing besides", async () => {
  await using pair = await unknown(accept);
  const [first] = uploads(pair);
  await pair.client[Symbol.asyncDispose]();
  // As if the bridge had been killed before the answer came, and two of the keys had been used since.
  const ids = (await pair.store.family(signalRecords).preKeyIds(aciOf(pair.login.id), "one-time")).slice(
    0,
    2,
  );
  const [signed] = await pair.store.family(signalRecords).preKeyIds(aciOf(pair.login.id), "signed");
  const [lastResort] = await pair.store
    .family(signalRecords)
    .preKeyIds(aciOf(pair.login.id), "kyber-last-resort");
  const oneTime = await pair.store.family(signalRecords).preKeyIds(aciOf(pair.login.id), "one-time");
  const kyber = await pair.store.family(signalRecords).preKeyIds(aciOf(pair.login.id), "kyber");
  await pair.store.write((tx) => {
    const { records } = tx;
    const signal = tx.family(signalRecords);
    records.remove(`login/${pair.login.id}`, "signed-prekey-confirmed");
    const unconfirmed = JSON.stringify({ oneTime, kyber, signed, lastResort });
    records.set(`login/${pair.login.id}`, "prekeys-unconfirmed", unconfirmed);
    for (const id of ids) signal.removePreKey(aciOf(pair.login.id), "one-time", id);
  });
  await pair.connect();
  const before = idsOf(first);
  const after = idsOf(uploads(pair)[1]);
  expect(after).toHaveLength(202);
  expect(after.filter((id) => before.includes(id))).toHaveLength(200);
  await pair.restart();
  // Confirmed now: what is missing is new.
  expect(idsOf(uploads(pair)[2]).filter((id) => after.includes(id))).toEqual([]);
});

test("keys that are refused for what they are give way to others, and are not kept", async () => {
  await using pair = await unknown(refuse("409"));
  await upload(pair, 2);
  pair.gatekeeper.answers.set("encrypt set", accept);
  await upload(pair, 3);
  const all = uploads(pair).flatMap(idsOf);
  expect(new Set(all).size).toBe(all.length);
  expect(await kept(pair)).toEqual([100, 100, 1, 1]);
});

test("an upload whose answer was lost is no breach when it is repeated", async () => {
  await using world = await InteropWorld.start();
  await world.control.call("POST", "/faults", {
    fault: "disconnect",
    direction: "to_bridge",
    stanza: "iq",
    after: 1,
    count: 1,
  });
  const { login, sink } = await world.join("@ana:example.org");
  await sink.until("the connection", () => sink.states.at(-1)?.kind === "connected");
  expect(await world.violations()).toEqual([]);
  expect(await world.store.family(signalRecords).preKeyIds(aciOf(login.id), "one-time")).toHaveLength(100);
  expect(await world.store.family(signalRecords).preKeyIds(aciOf(login.id), "signed")).toHaveLength(1);
});
