import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId } from "../../src/core/model/ids.ts";
import { edits, notices, phone, picture, redacts } from "../kit/edited-chat.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";
import { nothingWaits } from "../kit/written-chat.ts";

const MINUTE = 60_000;
const SEALED = Uint8Array.of(1);

/** The network is away, and what is written waits. */
function away({ client }: OpenFlow): void {
  client.state = { kind: "waiting", words: "away" };
}

async function back({ client, world }: OpenFlow): Promise<void> {
  client.state = { kind: "connected" };
  await world.clock.advance(MINUTE);
}

async function rowOf({ world }: OpenFlow, event: EventId) {
  const row = await world.store.networkOutbox.byEvent(event);
  if (!row) throw new Error("it is not queued");
  return row;
}

/** Right before it would be taken back its bytes are sealed, as it leaves. */
async function beginsToLeave(flow: OpenFlow, event: EventId): Promise<void> {
  const { id } = await rowOf(flow, event);
  flow.world.overtakes("row-unsealed", (tx) => tx.networkOutbox.seal(id, SEALED));
}

/** Nobody heard of it, and no try was counted. */
async function unnoticed({ world }: { readonly world: FlowWorld }): Promise<void> {
  await nothingWaits(world);
  expect(await world.store.deadLetters.newest(9)).toEqual([]);
  expect(await world.measured("bridge_retries_total")).toBe(0);
  expect(world.errors).toEqual([]);
}

describe("what begins to leave while its person takes it back", () => {
  test("is deleted there", async () => {
    await using flow = await OpenFlow.begin();
    away(flow);
    const event = await flow.says("one");
    await beginsToLeave(flow, event);
    await redacts(flow, event);
    expect((await rowOf(flow, event)).state).toBe("queued");
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(MINUTE);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "delete"]);
    expect(phone(flow)).toEqual([]);
    expect(notices(flow)).toEqual([]);
  });

  test("as an edit, is edited back", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    away(flow);
    const edit = await edits(flow, event, said("two"));
    await beginsToLeave(flow, edit);
    await redacts(flow, edit);
    await back(flow);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "edit", "edit"]);
    expect(phone(flow)).toEqual(["one"]);
  });

  test("as a message that an edit makes another kind of, is deleted behind the new one", async () => {
    await using flow = await OpenFlow.begin();
    away(flow);
    const event = await flow.says("one");
    await beginsToLeave(flow, event);
    await edits(flow, event, picture("a"));
    await back(flow);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "message", "delete"]);
    expect(phone(flow)).toEqual(["media"]);
    expect(notices(flow).filter((line) => line.includes("is deleted behind it"))).toHaveLength(1);
  });

  test("takes none of its neighbours along", async () => {
    await using flow = await OpenFlow.begin();
    const { world, room } = flow;
    away(flow);
    const event = await flow.says("one");
    await beginsToLeave(flow, event);
    const redaction = { kind: "redaction", room, sender: ANA, at: 0, target: event } as const;
    const [before, behind] = [world.text(ANA, room, "before"), world.text(ANA, room, "behind")];
    await world.push(before, { ...redaction, id: world.newEventId() }, behind);
    await back(flow);
    expect(phone(flow)).toEqual(["before", "behind"]);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "message", "delete", "message"]);
  });
});

test("what its person takes back as its bytes are sealed does not leave, and nobody is told of it", async () => {
  await using flow = await OpenFlow.begin();
  away(flow);
  const event = await flow.says("one");
  const { id } = await rowOf(flow, event);
  flow.world.overtakes("row-queued", (tx) => tx.networkOutbox.setState(id, "cancelled"));
  flow.client.state = { kind: "connected" };
  await flow.world.clock.advance(10_000);
  expect(flow.client.taken).toEqual([]);
  expect(notices(flow)).toEqual([]);
  await flow.says("two");
  expect(phone(flow)).toEqual(["two"]);
  expect(await flow.world.store.deadLetters.newest(9)).toEqual([]);
});

test("what its person takes back as they leave the network is not told as not delivered", async () => {
  await using flow = await OpenFlow.begin();
  away(flow);
  const event = await flow.says("one");
  const { id } = await rowOf(flow, event);
  flow.world.overtakes("row-queued", (tx) => tx.networkOutbox.setState(id, "cancelled"));
  await flow.asks("disable whatsapp yes");
  await flow.world.clock.advance(MINUTE);
  expect(flow.events.map(({ send }) => JSON.stringify(send.content)).join()).not.toMatch(/Not delivered|⚠️/);
  await nothingWaits(flow.world);
});

test("a deletion that may have left when its message's replacement fails is sent to its end", async () => {
  await using flow = await OpenFlow.begin();
  const event = await flow.says("one");
  away(flow);
  const edit = await edits(flow, event, picture("a"));
  const [replacement, deletion] = await flow.world.store.networkOutbox.ofEvent(edit);
  if (!replacement || !deletion) throw new Error("there is no deletion");
  flow.world.overtakes("row-unsealed", (tx) => tx.networkOutbox.seal(deletion.id, SEALED));
  const error = new BridgeError("remote-refused", { words: "No.", certain: true });
  flow.client.faults.push({ when: "before", error });
  await back(flow);
  const states = await flow.world.store.networkOutbox.ofEvent(edit);
  expect(states.map(({ state }) => state)).toEqual(["failed", "sent"]);
  expect(phone(flow)).toEqual([]);
  await nothingWaits(flow.world);
});

describe("a chat that is changed", () => {
  test("to be closed while it is opened stays closed, and shows what made it", async () => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    const [login] = await world.store.logins.of(ANA, world.network.id);
    if (!login) throw new Error("no login");
    const key = { login: login.id, chat: "Bram" as ChatId };
    world.overtakes("portal-stands", (tx) => tx.portals.setState(key, "archived"));
    await client.says("Bram", "1", "hello");
    await settle();
    const portal = await world.portal(ANA, "Bram");
    expect(portal.state).toBe("archived");
    expect(world.homeserver.shown(portal.room)).toEqual(["Bram: hello"]);
    await unnoticed({ world });
  });

  test("to be closed as a message is written down is opened for it, and closed behind it", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const portal = await world.portal(ANA, "Bram");
    await world.homeserver.archiveRoom(portal.room);
    world.overtakes("portal-stands", (tx) => tx.portals.setState(portal, "archived"));
    await flow.client.says("Bram", "2", "more");
    await settle();
    expect(flow.last).toBe("Bram: more");
    expect(world.homeserver.room(portal.room).archived).toBe(true);
    await unnoticed(flow);
  });

  test("to be gone with its login while its room is made leaves nobody in that room", async () => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    const [login] = await world.store.logins.of(ANA, world.network.id);
    if (!login) throw new Error("no login");
    const before = new Set(world.homeserver.rooms.keys());
    world.overtakes("chat-exists", (tx) => tx.logins.empty(login.id));
    await client.says("Bram", "1", "hello");
    await settle();
    await world.clock.advance(MINUTE);
    expect(await world.store.portals.ofLogin(login.id)).toEqual([]);
    const made = Array.from(world.homeserver.rooms.values()).filter(
      ({ id, spec }) => spec.kind === "portal" && !before.has(id),
    );
    const inThere = made.flatMap(({ members }) => Array.from(members.values()));
    expect(inThere).toEqual(["leave"]);
    await nothingWaits(world);
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });
});

test("of a login that is removed as a row of it ends no letter is kept, nor counted", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const portal = await world.portal(ANA, "Bram");
  world.overtakes("login-exists", (tx) => tx.logins.remove(portal.login));
  const error = new BridgeError("remote-refused", { words: "No.", certain: true });
  flow.client.faults.push({ when: "before", error });
  await flow.says("one");
  await world.clock.advance(MINUTE);
  expect(await world.store.deadLetters.newest(9)).toEqual([]);
  expect(await world.measured("bridge_dead_letters_total")).toBe(0);
  await nothingWaits(world);
});

test("what is overtaken again and again is no endless loop: it ends visibly, and the chat goes on", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const portal = await world.portal(ANA, "Bram");
  let times = 0;
  world.faster = (guard) => {
    if (guard.kind !== "portal-stands") return undefined;
    times += 1;
    const state = guard.portal.state === "open" ? "archived" : "open";
    return (tx) => tx.portals.setState(portal, state);
  };
  await flow.client.says("Bram", "2", "unlucky");
  await world.clock.advance(10 * MINUTE);
  expect(times).toBeGreaterThan(5);
  expect(times).toBeLessThan(50);
  expect(await world.store.deadLetters.newest(9)).toMatchObject([
    { direction: "to-matrix", ref: "2", reason: "changed" },
  ]);
  world.faster = () => undefined;
  await flow.client.says("Bram", "3", "lucky");
  await settle();
  expect(flow.shown.at(-1)).toBe("Bram: lucky");
});
