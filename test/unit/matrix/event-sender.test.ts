import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { OutboxId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import { CONTENT_KEY, type EventToSend } from "../../../src/core/ports/homeserver.ts";
import { DEVICE } from "../../../src/matrix/homeserver/devices.ts";
import { dropDevice } from "../../kit/fake-homeserver-api.ts";
import { copyOf, putBack } from "../../kit/fake-homeserver-copy.ts";
import { kindNames, kinds } from "../../kit/fake-homeserver-kinds.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

let world: FakeHomeserverWorld;
let room: RoomId;
let ghost: UserId;

beforeAll(async () => {
  world = await FakeHomeserverWorld.start();
  const { homeserver } = world;
  ghost = homeserver.ghostId("a1");
  await homeserver.register(homeserver.bot);
  await homeserver.register(ghost);
  room = await homeserver.createRoom({ key: "sends", direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
  await homeserver.join(ghost, room);
});
afterAll(async () => world[Symbol.asyncDispose]());
afterEach(() => world.fake.faults.clear());

/** The requests since there were that many, but for those by which the bridge learns whether the homeserver works. */
const askedSince = (before: number): readonly string[] =>
  world.fake.requests.slice(before).filter((line) => !line.endsWith("/thirdpartychats.vigil"));

function event(body = "hi"): EventToSend {
  const id = randomUUID() as OutboxId;
  return {
    id,
    room,
    sender: ghost,
    type: "m.room.message",
    stateKey: undefined,
    content: { msgtype: "m.text", body, "m.mentions": {}, [CONTENT_KEY]: id },
    createdAt: Date.now(),
  };
}

const there = (body: string): number =>
  world.fake.state.rooms.get(room)?.events.filter(({ content }) => content["body"] === body).length ?? 0;

async function failure(sending: Promise<unknown>): Promise<BridgeError> {
  const error = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof BridgeError) return error;
  throw new Error("it did not fail as it should");
}

describe("a send whose answer is lost", () => {
  test.each([["lose-answer"], ["cut-answer"]] as const)(
    "by %s is uncertain, and its repeat makes no second event",
    async (kind) => {
      const sent = event(kind);
      world.fake.faults.order({ fault: { kind }, path: "/send/", count: 1 });
      expect(await failure(world.homeserver.send(sent))).toMatchObject({
        reason: "homeserver-fault",
        certain: false,
        retryAfter: 0,
      });
      await world.homeserver.send(sent);
      expect(there(kind)).toBe(1);
    },
  );

  test("and the server restarts: still one event", async () => {
    const sent = event("restart");
    world.fake.faults.order({ fault: { kind: "lose-answer" }, path: "/send/", count: 1 });
    await failure(world.homeserver.send(sent));
    await world.fake.crash();
    expect(await failure(world.homeserver.send(sent))).toMatchObject({
      reason: "homeserver-unreachable",
      outage: true,
    });
    await world.fake.listen();
    await world.homeserver.send(sent);
    expect(there("restart")).toBe(1);
  });
});

describe("a send whose answer is lost, and then its sender's device", () => {
  const lost = async (sent: EventToSend): Promise<void> => {
    world.fake.faults.order({ fault: { kind: "lose-answer" }, path: sent.id, count: 1 });
    await failure(world.homeserver.send(sent));
    dropDevice(world.fake, sent.sender, DEVICE);
  };

  test("is found in the room by what it carries", async () => {
    const sent = event("no device");
    await lost(sent);
    const id = await world.homeserver.send(sent);
    expect(there("no device")).toBe(1);
    expect(world.fake.state.byId.get(id)?.content["body"]).toBe("no device");
  });

  test("is found also where another send, or the start, has made the device anew", async () => {
    const sent = event("new device");
    await lost(sent);
    await world.homeserver.register(ghost);
    await world.homeserver.send(sent);
    expect(there("new device")).toBe(1);
  });

  test("stays findable when the bridge dies before the device is made", async () => {
    const sent = event("dead between");
    await lost(sent);
    world.fake.faults.order({ fault: { kind: "lose-answer" }, path: "/devices/", count: 1 });
    await world.homeserver.send(sent);
    expect(there("dead between")).toBe(1);
  });

  test("is made once as a redaction", async () => {
    const target = await world.homeserver.send(event("to be redacted"));
    const { id, content, ...rest } = event();
    const redaction = { [CONTENT_KEY]: content[CONTENT_KEY], redacts: target };
    // After the device was made, for which a millisecond may be too short.
    const createdAt = Date.now() + 1;
    const sent = { ...rest, id, type: "m.room.redaction", content: redaction, createdAt };
    await lost(sent);
    const before = world.fake.requests.length;
    await world.homeserver.send(sent);
    // The only path that redacts in every room version: `/send/` makes an event of nothing up to version 10.
    expect(askedSince(before)[0]).toContain("/redact/");
    const made = world.fake.state.rooms.get(room)?.events.filter(({ type }) => type === "m.room.redaction");
    expect(made).toHaveLength(1);
  });

  test("is not looked for once it is certain: a new message costs one request", async () => {
    await world.homeserver.send(event("first"));
    const later = { ...event("later"), createdAt: Date.now() + 1 };
    const before = world.fake.requests.length;
    await world.homeserver.send(later);
    expect(askedSince(before)).toHaveLength(1);
  });
});

describe("answers that are failures", () => {
  test.each([
    [
      "429",
      { status: 429, errcode: "M_LIMIT_EXCEEDED", retryAfterMs: 1234 },
      { certain: true, retryAfter: 1234 },
    ],
    ["429 without a time", { status: 429, errcode: "M_LIMIT_EXCEEDED" }, { certain: true, retryAfter: 0 }],
    [
      "413",
      { status: 413, errcode: "M_TOO_LARGE" },
      { reason: "too-large", certain: true, retryAfter: undefined },
    ],
    [
      "400",
      { status: 400, errcode: "M_BAD_JSON" },
      { reason: "bad-input", certain: true, retryAfter: undefined },
    ],
    [
      "401",
      { status: 401, errcode: "M_UNKNOWN_TOKEN" },
      { reason: "homeserver-fault", certain: true, retryAfter: 0 },
    ],
  ])("%s", async (_name, fault, expected) => {
    world.fake.faults.order({ fault: { kind: "status", ...fault }, path: "/send/", count: 1 });
    expect(await failure(world.homeserver.send(event()))).toMatchObject(expected);
  });

  test("no permission is final", async () => {
    const topic = { ...event(), type: "m.room.topic", stateKey: "", content: { topic: "mine" } };
    expect(await failure(world.homeserver.send(topic))).toMatchObject({
      reason: "forbidden",
      retryAfter: undefined,
    });
  });
});

describe("what a send mends", () => {
  test("a ghost that was thrown out", async () => {
    const within = world.fake.state.rooms.get(room);
    if (within === undefined) throw new Error("no room");
    world.fake.state.append(within, "@alice:fake.test", "m.room.member", { membership: "leave" }, ghost);
    const before = world.fake.requests.length;
    await world.homeserver.send(event("back"));
    expect(there("back")).toBe(1);
    expect(world.fake.requests.slice(before).filter((line) => line.includes("/send/"))).toHaveLength(2);
  });

  describe.each(kindNames)("of what a homeserver like %s forgot", (kind) => {
    beforeEach(() => {
      world.fake.kind = kinds[kind];
    });
    afterEach(() => {
      world.fake.kind = kinds.synapse;
    });

    test("a device", async () => {
      dropDevice(world.fake, ghost, DEVICE);
      await world.homeserver.send(event(`device ${kind}`));
      expect(there(`device ${kind}`)).toBe(1);
    });

    test("a device, found in the room what an earlier try made", async () => {
      const sent = event(`device and answer ${kind}`);
      world.fake.faults.order({ fault: { kind: "lose-answer" }, path: "/send/", count: 1 });
      await failure(world.homeserver.send(sent));
      dropDevice(world.fake, ghost, DEVICE);
      await world.homeserver.send(sent);
      expect(there(`device and answer ${kind}`)).toBe(1);
    });

    test("an account, which has its name again before it speaks", async () => {
      const named: UserId[] = [];
      world.homeserver.whenLost(async (user) => {
        named.push(user);
        await world.homeserver.register(user);
        await world.homeserver.setDisplayName(user, "Wim");
      });
      world.fake.state.users.delete(ghost);
      await world.homeserver.send(event(`account ${kind}`));
      expect(there(`account ${kind}`)).toBe(1);
      expect(named).toEqual([ghost]);
      expect(world.fake.state.users.get(ghost)?.displayName).toBe("Wim");
    });

    test("an account and its membership, the bot's account too", async () => {
      const copy = copyOf(world.fake);
      const { homeserver } = world;
      const late = homeserver.ghostId(`late ${kind}`);
      await homeserver.register(late);
      await homeserver.invite(homeserver.bot, late, room, { direct: false });
      await homeserver.join(late, room);
      putBack(world.fake, copy);
      world.fake.state.users.delete(homeserver.bot);
      await homeserver.send({ ...event(`late ${kind}`), sender: late });
      expect(there(`late ${kind}`)).toBe(1);
    });

    test("nothing, where the event itself is refused: that is said after a look at its sender", async () => {
      const fault = { kind: "status", status: 400, errcode: "M_INVALID_PARAM" } as const;
      world.fake.faults.order({ fault, path: "/send/" });
      const before = world.fake.requests.length;
      expect(await failure(world.homeserver.send(event()))).toMatchObject({ reason: "bad-input" });
      expect(askedSince(before)).toEqual([
        expect.stringContaining("/send/"),
        expect.stringMatching(/^GET .*\/whoami$/),
        expect.stringMatching(/^GET .*\/devices\/BRIDGE$/),
      ]);
    });
  });

  test("no device for a proxy's page or a path that is not served", async () => {
    for (const errcode of [undefined, "M_UNRECOGNIZED"]) {
      world.fake.faults.order({
        fault: { kind: "status", status: 400, errcode: "M_BAD_JSON" },
        path: "/send/",
      });
      const missing = { kind: "status", status: 404, ...(errcode === undefined ? {} : { errcode }) } as const;
      world.fake.faults.order({ fault: missing, path: "/devices/" });
      const before = world.fake.requests.length;
      await failure(world.homeserver.send(event()));
      expect(askedSince(before).filter((line) => line.startsWith("PUT"))).toHaveLength(1);
      world.fake.faults.clear();
    }
  });

  test("a user who acts in any other way, and is gone", async () => {
    const { homeserver, fake } = world;
    const lose = (): boolean => fake.state.users.delete(ghost);
    lose();
    await homeserver.join(ghost, room);
    lose();
    const uri = await homeserver.reserveMedia(ghost);
    expect(uri).toMatch(/^mxc:/);
    lose();
    await homeserver.setDisplayName(ghost, "Wim");
    fake.state.users.delete(homeserver.bot);
    await homeserver.setState(homeserver.bot, room, "m.room.topic", "", { topic: "again" });
    fake.state.users.delete(homeserver.bot);
    expect(await homeserver.members(room)).toContain(ghost);
  });
});
