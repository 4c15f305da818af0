import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FakeHomeserver } from "./fake-homeserver.ts";
import type { RequestFaultRule } from "./fake-homeserver-faults.ts";
import { invite, join } from "./fake-homeserver-rooms.ts";

type Json = Record<string, unknown>;
type Act = (body: Json, query: URLSearchParams) => unknown;

/**
 * Control of a fake homeserver in another process, JSON over HTTP. `POST` acts, `GET` looks:
 *
 * - `POST person {user}` → `{token}`; `POST room {creator, users}` → `{room}` with all of them joined.
 * - `POST invite {room, by, user}`, `POST join {room, user}`.
 * - `POST push {rooms, senders, count, text}`: `count` messages over the rooms in turn, `senders[i]` in `rooms[i]`,
 *   bodies `{text} {n in the room}`, all appended at once; answers when they are queued for the bridge.
 * - `GET stats` → `{events, sends, pushed, waiting, transactions, firstSendAt, lastSendAt, lastPushAt}` (milliseconds since the
 *   epoch; `sends` counts events by our own users since the last `POST reset`).
 * - `GET room?room=` → `{events: [{event_id, sender, type, body, at}]}` in order.
 * - `POST faults {fault, method?, path?, count?}`, `POST clear`, `POST push-faults {drop?, repeat?, held?}`.
 * - `POST crash`, `POST listen`.
 */
export async function controlFake(fake: FakeHomeserver, isOurs: (user: string) => boolean): Promise<Server> {
  let from = 0;
  const acts: Readonly<Record<string, Act>> = {
    "POST person": ({ user }) => ({ token: fake.addPerson(String(user)) }),
    "POST room": ({ creator, users }) => {
      const room = fake.state.addRoom(String(creator));
      for (const user of [String(creator), ...(users as string[])]) {
        fake.state.addUser(user);
        fake.state.append(room, user, "m.room.member", { membership: "join" }, user);
      }
      return { room: room.id };
    },
    "POST invite": ({ room, by, user }) => {
      invite(fake.state, String(by), String(room), String(user), true);
      return {};
    },
    "POST join": ({ room, user }) => ({ room: join(fake.state, String(user), String(room)).id }),
    "POST push": ({ rooms, senders, count, text }) =>
      push(
        fake,
        rooms as string[],
        senders as string[],
        Number(count),
        typeof text === "string" ? text : "message",
      ),
    "GET stats": () => stats(fake, from, isOurs),
    "POST reset": () => {
      from = fake.state.position;
      return {};
    },
    "GET room": (_body, query) => ({
      events: (fake.state.rooms.get(query.get("room") ?? "")?.events ?? []).map((event) => ({
        event_id: event.event_id,
        sender: event.sender,
        type: event.type,
        body: event.content["body"],
        at: event.origin_server_ts,
      })),
    }),
    "POST faults": (body) => {
      fake.faults.order(body as unknown as RequestFaultRule);
      return {};
    },
    "POST clear": () => {
      fake.faults.clear();
      return {};
    },
    "POST push-faults": (body) => {
      if (fake.pusher) Object.assign(fake.pusher.quirks, body);
      if (body["held"] === false) fake.pusher?.release();
      return {};
    },
    "POST crash": () => fake.crash().then(() => ({})),
    "POST listen": () => fake.listen().then(() => ({})),
  };
  const server = createServer((request, response) => {
    void perform(acts, request).then(
      (answer) => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(400).end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function perform(acts: Readonly<Record<string, Act>>, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://fake");
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const act = acts[`${request.method} ${url.pathname.slice(1)}`];
  if (act === undefined) throw new Error(`no act ${request.method} ${url.pathname}`);
  return act(text === "" ? {} : (JSON.parse(text) as Json), url.searchParams);
}

function push(
  fake: FakeHomeserver,
  rooms: readonly string[],
  senders: readonly string[],
  count: number,
  text: string,
): Json {
  const targets = rooms.map((id, index) => ({
    room: fake.state.rooms.get(id),
    sender: senders[index] ?? senders[0] ?? "",
  }));
  for (let index = 0; index < count; index += 1) {
    const target = targets[index % targets.length];
    if (target?.room === undefined) throw new Error("no such room");
    const body = `${text} ${Math.floor(index / targets.length)}`;
    fake.state.append(target.room, target.sender, "m.room.message", { msgtype: "m.text", body });
  }
  return { queued: fake.pusher?.waiting ?? 0 };
}

function stats(fake: FakeHomeserver, from: number, isOurs: (user: string) => boolean): Json {
  const sends = fake.state.timeline
    .slice(from)
    .filter(({ sender, type }) => type === "m.room.message" && isOurs(sender));
  return {
    events: fake.state.position,
    sends: sends.length,
    firstSendAt: sends[0]?.origin_server_ts,
    lastSendAt: sends.at(-1)?.origin_server_ts,
    pushed: fake.pusher?.taken ?? 0,
    lastPushAt: fake.pusher?.lastTakenAt,
    waiting: fake.pusher?.waiting ?? 0,
    transactions: fake.pusher?.transactions ?? 0,
  };
}
