import { expect, test } from "@jest/globals";
import { IGNORED } from "../../src/core/delivery/ignored-contacts.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const LOOK = 61_000;

async function begin() {
  const flow = await OpenFlow.begin();
  flow.world.puppets.there = true;
  const [ghost] = await flow.world.store.ghosts.all();
  if (!ghost) throw new Error("no ghost");
  /** Ana's client ignores Bram, or not, and the bridge has looked. */
  const ignores = async (on: boolean): Promise<readonly string[]> => {
    flow.world.puppets.ignored.set(ANA, on ? [ghost.user, "@somebody:test" as typeof ANA] : []);
    await flow.world.clock.advance(LOOK);
    return [...flow.client.blocked];
  };
  const said = () => flow.world.homeserver.shown(flow.management).at(-1);
  return { flow, ignores, said, [Symbol.asyncDispose]: () => flow[Symbol.asyncDispose]() };
}

test("whom a person ignores is blocked at the network, and let in again when they are not any more", async () => {
  await using it = await begin();
  expect(await it.ignores(true)).toEqual(["Bram"]);
  expect(it.said()).toBe(
    "bot: You ignore Bram in your client, so they are blocked on WhatsApp too. That ends when you ignore them no more, or with “unblock whatsapp Bram”.",
  );
  const before = it.flow.world.homeserver.shown(it.flow.management).length;
  await it.flow.world.clock.advance(5 * LOOK);
  expect(it.flow.world.homeserver.shown(it.flow.management)).toHaveLength(before);
  expect(await it.ignores(false)).toEqual([]);
  expect(it.said()).toBe("bot: You ignore Bram no more, so the block on WhatsApp is lifted.");
});

test("what was blocked by command stays blocked, whether before or after they were ignored", async () => {
  await using it = await begin();
  await it.flow.asks("block whatsapp Bram");
  await it.ignores(true);
  expect(await it.ignores(false)).toEqual(["Bram"]);
  await it.flow.asks("unblock whatsapp Bram");
  await it.ignores(true);
  await it.flow.asks("block whatsapp Bram");
  expect(await it.ignores(false)).toEqual(["Bram"]);
});

test("who lifts the block by command is not blocked again while they still ignore the contact", async () => {
  await using it = await begin();
  await it.ignores(true);
  await it.flow.asks("unblock whatsapp Bram");
  expect(await it.ignores(true)).toEqual([]);
  expect(await it.ignores(false)).toEqual([]);
});

test("what was blocked on another device stays blocked, whether before or after they were ignored", async () => {
  await using it = await begin();
  const { client } = it.flow;
  const onPhone = async (blocked: boolean, id: string) => {
    const [chat, person] = ["Bram" as ChatId, "Bram" as PersonId];
    if (blocked) client.blocked.add(person);
    else client.blocked.delete(person);
    await client.brings({
      kind: "blocked",
      chat,
      person,
      sender: undefined,
      id: id as MessageId,
      at: 0,
      blocked,
    });
    await settle();
  };
  await onPhone(true, "b1");
  await it.ignores(true);
  expect(await it.ignores(false)).toEqual(["Bram"]);
  await onPhone(false, "b2");
  expect(await it.ignores(true)).toEqual(["Bram"]);
  // Let in again on the phone, they stay so, and what is blocked there then is no more the client's to lift.
  await onPhone(false, "b3");
  expect(await it.ignores(true)).toEqual([]);
  await onPhone(true, "b4");
  expect(await it.ignores(false)).toEqual(["Bram"]);
});

test("while the network is away it is tried again, and a crash in between does not make it the person's own block", async () => {
  await using it = await begin();
  const setBlocked = it.flow.client.setBlocked.bind(it.flow.client);
  it.flow.client.setBlocked = async () => {
    throw new BridgeError("remote-unreachable", { words: "away", certain: true, retryAfter: 0 });
  };
  expect(await it.ignores(true)).toEqual([]);
  it.flow.client.setBlocked = setBlocked;
  expect(await it.ignores(true)).toEqual(["Bram"]);
  expect(await it.ignores(false)).toEqual([]);
});

test("where a network has no blocks, nothing is begun", async () => {
  await using it = await begin();
  const { client, world } = it.flow;
  const [login] = await world.store.logins.of(ANA, world.network.id);
  if (!login) throw new Error("no login");
  Object.defineProperty(client, "setBlocked", { value: undefined, configurable: true });
  await it.ignores(true);
  expect(await world.store.records.all(IGNORED(login.id))).toEqual([]);
  Reflect.deleteProperty(client, "setBlocked");
  expect(await it.ignores(true)).toEqual(["Bram"]);
});

test("whoever's list cannot be read, as of a locked account, holds nobody else up", async () => {
  await using it = await begin();
  const { world } = it.flow;
  const { client } = await world.optsIn(BEN);
  await client.says("Bram", "1", "hello");
  await settle();
  const [ghost] = await world.store.ghosts.all();
  if (!ghost) throw new Error("no ghost");
  const asked: string[] = [];
  world.puppets.ignoredUsers = async (user) => {
    asked.push(user);
    if (asked.length === 1)
      throw new BridgeError("forbidden", { words: "The account is locked.", certain: true });
    return [ghost.user];
  };
  await world.clock.advance(31_000);
  expect(asked.toSorted()).toEqual([ANA, BEN]);
  expect([...it.flow.client.blocked, ...client.blocked]).toEqual(["Bram"]);
});

test("without double puppets nothing is looked at", async () => {
  await using it = await begin();
  it.flow.world.puppets.there = false;
  expect(await it.ignores(true)).toEqual([]);
});
