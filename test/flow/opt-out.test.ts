import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const NUMBER = "31655512345";
const NAME = "Bram Canary";
const who = `${NUMBER}@s.whatsapp.net`;
const from = { chat: who as ChatId, sender: who as PersonId, senderName: NAME, at: 0 };
const id = (word: string) => word as MessageId;
const message = (word: string, text = word): RemoteEvent => ({
  ...from,
  kind: "message",
  id: id(word),
  message: said(text),
});

/** Which of the words are anywhere in the database's files. */
const left = ({ file }: FlowWorld, ...words: readonly string[]): readonly string[] => {
  const files = [file, `${file}-wal`].filter(existsSync).map((path) => readFileSync(path, "latin1"));
  return words.filter((word) => files.some((text) => text.includes(word)));
};

/** A chat in which everything happened that leaves a row. */
async function eventful(world: FlowWorld) {
  const { client, room: management } = await world.optsIn(ANA);
  const { homeserver } = world;
  await client.brings(message("1"));
  await settle();
  const { room } = await world.portal(ANA, who);
  const send = homeserver.send.bind(homeserver);
  homeserver.send = async (event) => {
    if (!JSON.stringify(event.content).includes("poison")) return send(event);
    throw new BridgeError("too-large", { words: "It is too large.", certain: true });
  };
  const refused = new BridgeError("not-reachable", { words: "No.", certain: true });
  client.faults.push({ when: "before", error: refused });
  await world.says(ANA, room, "canary from Ana");
  await client.brings(
    { ...from, kind: "excluded", id: id("2"), what: "status" },
    message("3", "canary poison"),
    { ...from, kind: "edit", id: id("4"), target: id("1"), message: said("canary poison edit") },
    { ...from, kind: "reaction", id: id("5"), target: id("1"), own: false, emoji: "👍" },
    { ...from, kind: "edit", id: id("6"), target: id("never"), message: said("canary parked") },
    { ...from, kind: "unsupported", id: id("7"), what: "a game", raw: "AAEC" },
  );
  await world.says(ANA, management, `block whatsapp ${NAME}`);
  await world.clock.advance(10_000);
  return {
    client,
    management,
    room,
    ghost: await world.store.ghosts.byPerson(world.network.id, from.sender),
  };
}

test("after opting out nothing in the database's files tells of a contact", async () => {
  await using world = await FlowWorld.start();
  const { management } = await eventful(world);
  expect(left(world, NUMBER, NAME, "canary")).toEqual([NUMBER, NAME, "canary"]);
  await world.says(ANA, management, "disable whatsapp yes");
  await world.clock.advance(60_000);
  expect(left(world, NUMBER, NAME, "canary")).toEqual([]);
  await world.restart();
  expect(left(world, NUMBER, NAME, "canary")).toEqual([]);
});

/** Opts out while the n-th request of a first message's room is under way; tells how many there were, and what is left. */
async function leavesDuring(nth: number) {
  await using world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  const answer = Promise.withResolvers<void>();
  let requests = 0;
  world.homeserver.before = async () => {
    if (requests++ === nth) await answer.promise;
  };
  await client.brings(message("1", "canary"));
  await settle();
  const made = requests;
  await world.says(ANA, management, "disable whatsapp yes");
  answer.resolve();
  await world.clock.advance(60_000);
  return { made, left: left(world, NUMBER, NAME, "canary") };
}

test("opting out while a chat's room is made leaves nothing either, wherever that is", async () => {
  const { made } = await leavesDuring(-1);
  expect(made).toBeGreaterThan(8);
  for (let nth = 0; nth < made; nth++) expect([nth, (await leavesDuring(nth)).left]).toEqual([nth, []]);
});

test("a contact of two people is known until the second of them opted out", async () => {
  await using world = await FlowWorld.start();
  const { management, ghost } = await eventful(world);
  const { client, room } = await world.optsIn(BEN);
  await client.brings(message("1"));
  await settle();
  await world.says(ANA, management, "disable whatsapp yes");
  expect(await world.store.ghosts.byPerson(world.network.id, from.sender)).toEqual(ghost);
  await world.says(BEN, room, "disable whatsapp yes");
  await world.clock.advance(60_000);
  expect(left(world, NUMBER, NAME)).toEqual([]);
});

test("enabled again, a contact is the same user as before, under the name they have now", async () => {
  await using world = await FlowWorld.start();
  const { management, ghost, room } = await eventful(world);
  await world.says(ANA, management, "disable whatsapp yes");
  await world.says(ANA, management, "enable whatsapp");
  await world.says(ANA, management, "yes");
  await world.network.clientOf(ANA).brings({ ...message("8"), senderName: "Bram Renamed" } as RemoteEvent);
  await settle();
  const portal = await world.portal(ANA, who);
  expect(portal.room).not.toBe(room);
  expect(world.homeserver.shown(portal.room)).toEqual(["Bram Renamed: 8"]);
  expect(world.homeserver.room(portal.room).events.at(-1)?.send.sender).toBe(ghost?.user);
});
