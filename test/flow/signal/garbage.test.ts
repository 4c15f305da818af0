import { randomBytes, randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { proto } from "../../../tools/signal-mock/mock-server.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import type { RawConnection } from "../../../tools/signal-mock/raw-connections.ts";
import { LinkingWorld, qrIn } from "../../kit/signal/linking.ts";
import { SignalSession } from "../../kit/signal/signal-session.ts";

const stack = new AsyncDisposableStack();
let world: LinkingWorld;
let ana: SignalSession;
let ben: SignalSession;
let wim: Person;
let count = 0;
beforeAll(async () => {
  world = stack.use(await LinkingWorld.start());
  ana = stack.use(await SignalSession.start(world, "Ana"));
  ben = stack.use(await SignalSession.start(world, "Ben"));
  wim = await world.mock.person("Wim");
}, 30_000);
afterAll(() => stack.disposeAsync());

const encoded = (message: Parameters<typeof proto.WebSocketMessage.encode>[0]): Uint8Array =>
  proto.WebSocketMessage.encode(message);
const request = (more: object): Uint8Array =>
  encoded({
    type: proto.WebSocketMessage.Type.REQUEST,
    request: { verb: "PUT", path: "/api/v1/message", body: null, headers: [], id: 7n, ...more },
    response: null,
  });

/** What a server may send, each in another way not what it should be. */
const frames: readonly (readonly [string, (to: RawConnection) => void])[] = [
  ["a text frame", ({ socket }) => socket.send("hello")],
  ["an empty frame", ({ socket }) => socket.send(Buffer.alloc(0))],
  ["bytes that are no protobuf", ({ socket }) => socket.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff))],
  ["a protobuf cut off", ({ socket }) => socket.send(request({}).subarray(0, -3))],
  [
    "a length beyond the frame",
    ({ socket }) => socket.send(Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f)),
  ],
  [
    "a message of no type",
    ({ socket }) => socket.send(encoded({ type: null, request: null, response: null })),
  ],
  [
    "an answer to nothing",
    ({ socket }) =>
      socket.send(
        encoded({
          type: proto.WebSocketMessage.Type.RESPONSE,
          request: null,
          response: { id: 999_999n, status: 200, message: "OK", headers: [], body: null },
        }),
      ),
  ],
  ["a request to an unknown path", ({ socket }) => socket.send(request({ path: "/api/v9/nothing" }))],
  ["a request with an unknown verb", ({ socket }) => socket.send(request({ verb: "BREW" }))],
  ["a request without a body", ({ socket }) => socket.send(request({}))],
  [
    "headers that are none",
    ({ socket }) => socket.send(request({ headers: ["", ":", "x", "x-signal-timestamp: -1"] })),
  ],
  ["a large frame", ({ socket }) => socket.send(randomBytes(2_000_000))],
  ["a frame of an unknown kind", ({ stream }) => void stream.write(Uint8Array.of(0x8f, 0x02, 1, 2))],
  [
    "a frame with an absurd length",
    ({ stream }) =>
      void stream.write(Uint8Array.of(0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
  ],
  ["bytes that are no frame", ({ stream }) => void stream.write(randomBytes(500))],
];

/** Those after which a connection cannot go on. */
const BREAKS = new Set([
  "a frame of an unknown kind",
  "a frame with an absurd length",
  "bytes that are no frame",
]);

/** A connection that is up and nobody else's. */
const rawOf = ({ login }: SignalSession): RawConnection => {
  const { aci, deviceId } = JSON.parse(login.account) as { aci: string; deviceId: number };
  const connection = world.mock.server.connections.of(`${aci}.${deviceId}`);
  if (connection === undefined) throw new Error("the device is not connected");
  return connection;
};

async function arrives(session: SignalSession): Promise<void> {
  count += 1;
  const text = `still here ${count}`;
  const { timestamp } = await wim.says(session.phone, text);
  await session.sink.until(text, () => session.sink.events.some(({ id }) => id.endsWith(`/${timestamp}`)));
}

async function allIsWell(): Promise<void> {
  await arrives(ana);
  await arrives(ben);
  await ana.client.connected(AbortSignal.timeout(10_000));
  count += 1;
  await ana.says(wim, `answer ${count}`);
  await wim.hears(`answer ${count}`);
}

describe("what the server sends that is none of Signal's", () => {
  test.each(frames)("%s: the login goes on, and no other notices", async (_, send) => {
    await allIsWell();
    const before = ben.sink.states.length;
    send(rawOf(ana));
    await allIsWell();
    expect(ben.sink.states.slice(before)).toEqual([]);
    expect(world.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

/** An envelope with something in every field, of the kind that belongs there; mostly of a known sender. */
function randomEnvelope(): Uint8Array {
  const either = <Value>(...values: readonly Value[]): Value => values[randomInt(values.length)] as Value;
  const uuid = () =>
    either(new Uint8Array(randomBytes(16)), raw(wim.aci), raw(ana.phone.aci), new Uint8Array(3));
  const time = () => either(0n, 1n, BigInt(Date.now()), 8_640_000_000_000_001n, 2n ** 63n - 1n);
  return proto.Envelope.encode({
    type: either(1, 3, 5, 6, 8, 99) as never,
    sourceServiceId: either(wim.aci, "", "nobody", null),
    sourceServiceIdBinary: uuid(),
    sourceDeviceId: either(0, 1, 2, 200, 0xffffffff),
    destinationServiceId: either(ana.phone.aci, ana.phone.pni, "x", null),
    destinationServiceIdBinary: uuid(),
    clientTimestamp: time(),
    serverTimestamp: time(),
    content: new Uint8Array(randomBytes(either(0, 1, 33, 300, 5_000))),
    serverGuid: either("", "x", null),
    serverGuidBinary: new Uint8Array(randomBytes(16)),
    ephemeral: either(true, false),
    urgent: either(true, false),
    updatedPni: either("PNI:x", null),
    updatedPniBinary: uuid(),
    story: either(true, false),
    reportSpamToken: new Uint8Array(randomBytes(9)),
  });
}

const raw = (aci: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(aci.replaceAll("-", ""), "hex"));

test("envelopes with anything in every field are acknowledged, hold nothing up, and say nothing in others' names", async () => {
  const [device] = ana.phone.linkedDevices;
  if (device === undefined) throw new Error("no device");
  const { server } = world.mock;
  const before = ana.sink.events.length;
  const sent = Array.from({ length: 300 }, () => {
    const bytes = randomInt(4) === 0 ? randomBytes(randomInt(600)) : randomEnvelope();
    return server.send(device, Buffer.from(bytes));
  });
  await allIsWell();
  await Promise.all(sent);
  await allIsWell();
  const told = ana.sink.events.slice(before).filter(({ kind }) => kind !== "undecryptable");
  const said = told.flatMap((event) => (event.kind === "message" ? [event.id] : []));
  expect(said).toHaveLength(2);
  expect(world.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  for (const { message, fields } of world.log.lines)
    expect({ message, login: fields["login"] }).toEqual({ message, login: expect.any(String) });
}, 30_000);

describe("on the connection on which a phone hands its account over", () => {
  const provisioning = (): RawConnection => {
    const connection = world.mock.server.connections.of("/v1/websocket/provisioning/");
    if (connection === undefined) throw new Error("no code is shown");
    return connection;
  };

  test("frames that are none of Signal's leave the code as it is, and it links", async () => {
    const zoe = await world.mock.person("Zoe");
    const step = await world.code();
    for (const [name, send] of frames) if (!BREAKS.has(name)) send(provisioning());
    const scanned = zoe.scans(qrIn(step)).catch(() => undefined);
    expect(await step.next()).toMatchObject({ kind: "wait" });
    void scanned;
    await allIsWell();
  });

  test.each(frames.filter(([name]) => BREAKS.has(name)))("%s, at once: it ends in words", async (_, send) => {
    const step = await world.code();
    send(provisioning());
    await expect(step.next()).rejects.toMatchObject({
      reason: "remote-unreachable",
      words: expect.stringMatching(/^Signal cannot be reached at the moment\./),
    });
    await allIsWell();
  });

  test("an envelope of anything fails in words", async () => {
    const step = await world.code();
    provisioning().socket.send(request({ path: "/v1/message", body: new Uint8Array(randomBytes(300)) }));
    const scanned = await step.next();
    if (scanned.kind !== "wait") throw new Error(scanned.kind);
    await expect(scanned.next()).rejects.toMatchObject({
      words: expect.stringMatching(
        /^Your phone sent something that this bridge cannot read\. Nothing was linked\./,
      ),
    });
    await allIsWell();
  });
});
