import { describe, expect, test } from "@jest/globals";
import type { Log } from "../../../src/core/ports/log.ts";
import { HomeserverStartup } from "../../../src/matrix/health/homeserver-startup.ts";
import { FakeHomeserverWorld, names, quickClock, realClock } from "../../kit/fake-homeserver-world.ts";

test("a homeserver that does not answer is named in the log with what to do, until it is there", async () => {
  await using world = await FakeHomeserverWorld.start();
  const { fake, homeserver, registration } = world;
  const warnings: string[] = [];
  const news: string[] = [];
  const log: Log = {
    error() {},
    warn: (words) => void warnings.push(words),
    info: (words) => void news.push(words),
    debug() {},
  };
  const onReady = Promise.withResolvers<void>();
  await fake.crash();
  using arrival = new HomeserverStartup({
    homeserverUrl: fake.url,
    registration,
    registrationPath: "registration.yaml",
    homeserver,
    names,
    setBotProfile: async () => {},
    encryptionCheck: undefined,
    onReady: () => onReady.resolve(),
    clock: quickClock,
    log,
  });
  await arrival.start();
  expect(warnings[0]).toBe(
    `The homeserver does not answer at ${fake.url}. Start it, or correct its address in the configuration.`,
  );
  expect(arrival.trouble).toBe(warnings[0]);
  await arrival.start();
  expect(warnings).toHaveLength(1);
  expect(news).toEqual([]);
  await fake.listen();
  await onReady.promise;
  expect(arrival.trouble).toBeUndefined();
  expect(news).toEqual(["the homeserver is reached, and everything between us is in order"]);
});

test("a homeserver that does not pass on what the registration asks for is named, with what to do", async () => {
  await using world = await FakeHomeserverWorld.start();
  const { fake, homeserver, registration } = world;
  const warned = Promise.withResolvers<string>();
  using arrival = new HomeserverStartup({
    homeserverUrl: fake.url,
    registration: {
      ...registration,
      "io.element.msc4512.proxy_prefix": "rtc/livekit/third-party-chats",
      "io.element.msc4512.proxy_url": registration.url,
    },
    registrationPath: "registration.yaml",
    homeserver,
    names,
    setBotProfile: async () => {},
    encryptionCheck: undefined,
    onReady: () => {},
    clock: quickClock,
    log: { error() {}, warn: warned.resolve, info() {}, debug() {} },
  });
  await arrival.start();
  expect(await warned.promise).toBe(
    "registration.yaml asks the homeserver to pass clients' requests on (MSC4512), and it does not. Set experimental_features.msc4512_enabled in homeserver.yaml, give the homeserver this registration as it is now, and restart it.",
  );
});

describe("a homeserver that encrypts every new room", () => {
  async function arrive(stack: AsyncDisposableStack, world: FakeHomeserverWorld, onPassed: () => void) {
    const told = Promise.withResolvers<string>();
    const { fake, homeserver, registration } = world;
    const arrival = stack.use(
      new HomeserverStartup({
        homeserverUrl: fake.url,
        registration,
        registrationPath: "registration.yaml",
        homeserver,
        names,
        setBotProfile: async () => {},
        encryptionCheck: { key: "look", onPassed: async () => onPassed() },
        onReady: () => {},
        clock: { ...quickClock, after: (ms, act) => realClock.after(ms / 10_000, act) },
        log: { error: told.resolve, warn() {}, info() {}, debug() {} },
      }),
    );
    await arrival.start();
    return { arrival, told: told.promise };
  }
  const aliases = (world: FakeHomeserverWorld) => [...world.fake.state.aliases.keys()];

  test("is named as what is in the way until it stops, and no look leaves anything behind", async () => {
    await using stack = new AsyncDisposableStack();
    const world = stack.use(await FakeHomeserverWorld.start({ forceEncryption: true }));
    const onPassed = Promise.withResolvers<void>();
    const { arrival, told } = await arrive(stack, world, onPassed.resolve);
    expect(await told).toContain("encryption_enabled_by_default_for_room_type");
    expect(arrival.trouble).toBe(await told);
    world.fake.forceEncryption = false;
    await onPassed.promise;
    await new Promise(setImmediate);
    expect(arrival.trouble).toBeUndefined();
    expect(aliases(world)).toEqual([]);
    const { rooms } = world.fake.state;
    const inside = [...rooms.values()].map((room) => world.fake.state.membership(room, world.homeserver.bot));
    expect(inside.filter((membership) => membership !== "leave")).toEqual([]);
  });

  test.each(["/createRoom", "/leave", "/directory/"])(
    "is found out although the look failed at %s at first",
    async (path) => {
      await using stack = new AsyncDisposableStack();
      const world = stack.use(await FakeHomeserverWorld.start({ forceEncryption: true }));
      world.fake.faults.order({ fault: { kind: "status", status: 502 }, path, count: 2 });
      const { told } = await arrive(stack, world, () => {});
      expect(await told).toContain("encryption_enabled_by_default_for_room_type");
      expect(aliases(world)).toEqual([]);
    },
  );
});
