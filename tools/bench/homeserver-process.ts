import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { CryptoFriend } from "../../test/kit/crypto-friend.ts";
import { FakeHomeserver } from "../../test/kit/fake-homeserver.ts";
import { createRoom, join } from "../../test/kit/fake-homeserver-rooms.ts";
import type { FakeEvent, FakeRoom } from "../../test/kit/fake-homeserver-state.ts";
import { type Answer, type Ask, type Call, type Calls, clock } from "./protocol.ts";

// Runs the fake homeserver in a process of its own, so that it does not slow the bridge's.

const [serverName = "bench.test", port = "0"] = process.argv.slice(2);
await using server = await FakeHomeserver.start({ serverName, port: Number(port) });
server.recordRequests = false;
const { state } = server;

let person = "";
let client: { readonly friend: CryptoFriend; readonly bot: UserId } | undefined;
const portals = new Set<string>();
let counted: { count: number; first: number; last: number } = { count: 0, first: 0, last: 0 };
const waits = new Set<() => void>();

/** Resolves when `done` answers true; it is asked after every event. */
async function until(done: () => boolean): Promise<void> {
  if (done()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => {
    if (!done()) return;
    waits.delete(check);
    resolve();
  };
  waits.add(check);
  await promise;
}

state.listeners.add((event) => {
  if (
    event.type === "m.room.member" &&
    event.state_key === person &&
    event.content["membership"] === "invite"
  ) {
    setImmediate(() => join(state, person, event.room_id));
  }
  if (isContact(event)) {
    const now = clock();
    portals.add(event.room_id);
    counted = { count: counted.count + 1, first: counted.count === 0 ? now : counted.first, last: now };
  }
  for (const check of waits) check();
});

const isContact = ({ type, sender }: FakeEvent): boolean =>
  (type === "m.room.message" || type === "m.room.encrypted") && sender.startsWith("@_tpc_");

function joined({ state: now }: FakeRoom): number {
  const members = Array.from(now.values()).filter(({ type }) => type === "m.room.member");
  return members.filter(({ content }) => content["membership"] === "join").length;
}

/** What the person's client sends into a room for a text; answers the time. */
async function written(id: string, body: string): Promise<() => number> {
  const room = state.rooms.get(id);
  if (room === undefined) throw new Error(`There is no room ${id}`);
  const says = (type: string, content: unknown) => () => {
    state.append(room, person, type, content as FakeEvent["content"]);
    return clock();
  };
  if (!client || state.stateOf(room, "m.room.encryption") === undefined)
    return says("m.room.message", { msgtype: "m.text", body });
  const { content } = await client.friend.writes(id as RoomId, [client.bot], body);
  return says("m.room.encrypted", content);
}

const calls: {
  readonly [Name in keyof Calls]: (...given: Parameters<Calls[Name]>) => Promise<ReturnType<Calls[Name]>>;
} = {
  async use(registration, user) {
    server.use(registration);
    person = user;
    server.addPerson(user, "Bench");
    return undefined;
  },
  async encrypts(bot, others) {
    const keys = server.keys.server;
    client = { friend: await CryptoFriend.start(keys, person as UserId), bot: bot as UserId };
    for (let other = 0; other < others; other += 1)
      await CryptoFriend.start(keys, person as UserId, `OTHER${other}`, false);
    return undefined;
  },
  async unread(newest) {
    await client?.friend.sync();
    let failed = 0;
    for (const { stream: _stream, ...event } of state.timeline.filter(isContact).slice(-newest))
      await client?.friend.reads(event, event.room_id as RoomId).catch(() => {
        failed += 1;
      });
    return failed;
  },
  async openChat(bot) {
    const room = createRoom(
      state,
      person,
      { invite: [bot], is_direct: true },
      { forceEncryption: false, crash: false },
    );
    await until(() => state.membership(room, bot) === "join");
    return room.id;
  },
  say: async (room, text) => (await written(room, text))(),
  portals: async () => [...portals],
  async present(id, count) {
    await until(() => {
      const room = state.rooms.get(id);
      return room !== undefined && joined(room) >= count;
    });
    return undefined;
  },
  async mark() {
    counted = { count: 0, first: 0, last: 0 };
    return undefined;
  },
  async heard(count) {
    await until(() => counted.count >= count);
    return counted;
  },
  async told(room, text) {
    const said = ({ room_id, sender, content }: FakeEvent) =>
      room_id === room && sender !== person && String(content["body"]).includes(text);
    await until(() => state.rooms.get(room)?.events.some(said) ?? false);
    return undefined;
  },
  async flood(count, rooms) {
    const messages: (() => number)[] = [];
    for (let index = 0; index < count; index++) {
      const room = rooms[index % rooms.length] ?? "";
      const text = `Message ${index} of the bench, of about the length people write to each other.`;
      messages.push(await written(room, text));
    }
    const from = clock();
    for (const say of messages) say();
    await new Promise((resolve) => setImmediate(resolve));
    await server.pusher?.settled();
    return { from, taken: clock() };
  },
};

async function carryOut([name, ...given]: Call): Promise<unknown> {
  const act = calls[name] as (...given: unknown[]) => Promise<unknown>;
  return act(...given);
}

process.on("message", ({ id, call }: Ask) => {
  void carryOut(call).then(
    (value) => process.send?.({ id, value } satisfies Answer),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
  );
});
const gone = new Promise((resolve) => process.once("disconnect", resolve));
process.send?.({ id: 0, value: server.url } satisfies Answer);
await gone;
