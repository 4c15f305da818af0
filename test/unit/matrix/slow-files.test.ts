import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Pool } from "undici";
import { stopping } from "../../../src/core/model/errors.ts";
import type { UserId } from "../../../src/core/model/ids.ts";
import { fileOf } from "../../../src/core/model/media.ts";
import { ContentRepository } from "../../../src/matrix/homeserver/content-repository.ts";
import { Requests, route } from "../../../src/matrix/http/requests.ts";
import { wholeAnswer } from "../../../src/matrix/http/whole-answer.ts";
import { type Act, DrippingServer, drippingBody, drippingHead, stalling } from "../../kit/dripping-server.ts";
import { heldTimers } from "../../kit/held-timers.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const bot = "@bot:example.org" as UserId;
const uri = "mxc://example.org/file";
/** More than what fits into the sockets between the two. */
const big = fileOf(new Uint8Array(16 * 1024 * 1024));

let workshop: MediaWorkshop;
beforeAll(async () => {
  workshop = await MediaWorkshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

class World implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly stop = new AbortController();
  readonly server: DrippingServer;
  readonly requests: Requests;
  readonly files: ContentRepository;

  private constructor(server: DrippingServer) {
    this.server = server;
    const around = { homeserverUrl: server.url, asToken: "t", stopping: this.stop.signal };
    this.requests = new Requests(around);
    const spool = workshop.tools.spool.bind(workshop.tools);
    this.files = new ContentRepository({ ...around, bot, requests: this.requests, spool, clock: this.clock });
  }

  static async start(act: Act): Promise<World> {
    return new World(await DrippingServer.start(act));
  }

  /** How it fails while a byte falls every three seconds, and after how many seconds. */
  async failure(act: Promise<unknown>) {
    const failed: unknown[] = [];
    act.catch((why: unknown) => failed.push(why));
    let seconds = 0;
    for (; failed.length === 0; seconds += 3) {
      this.server.drop();
      await this.clock.advance(3_000);
    }
    return { error: failed[0], seconds };
  }

  async asked(): Promise<void> {
    while (this.server.asked === 0) await this.clock.advance(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files[Symbol.asyncDispose]();
    await this.requests[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

const put = (world: World, file = big) =>
  world.files.put(bot, uri, file, { mimetype: "a/b", name: undefined });
const slow = (words: string) => ({
  reason: "too-slow",
  outage: false,
  retryAfter: 0,
  words: expect.stringContaining(words),
});
const unread: Act = (socket) => void socket.pause();
const unanswered: Act = () => undefined;

describe("a file of the homeserver", () => {
  test.each([
    ["drips", drippingBody()],
    ["stands still after its first bytes", stalling],
  ])("that %s is given up with words, as a failed try", async (_, act) => {
    await using world = await World.start(act);
    const { error } = await world.failure(world.files.open({ uri }, 10_000));
    expect(error).toMatchObject(slow("came so slowly from the homeserver"));
    expect(workshop.underway()).toEqual([]);
  });

  test("a refusal whose text drips is not waited for", async () => {
    await using world = await World.start(
      drippingBody("HTTP/1.1 404 Not Found\r\ncontent-length: 1000\r\n\r\n"),
    );
    expect((await world.failure(world.files.open({ uri }, 10_000))).error).toMatchObject(slow("slowly"));
  });
});

describe("a file for the homeserver", () => {
  test("that is not read is given up with words, as a failed try", async () => {
    await using world = await World.start(unread);
    expect((await world.failure(put(world))).error).toMatchObject(slow("takes the file so slowly"));
  });

  test("whose answer drips is given up", async () => {
    await using world = await World.start(drippingBody());
    expect((await world.failure(put(world, fileOf(Buffer.from("x"))))).error).toMatchObject(slow("slowly"));
  });

  test("that was read whole is waited for longer, while it is stored", async () => {
    await using world = await World.start(unanswered);
    const { error, seconds } = await world.failure(put(world, fileOf(Buffer.from("x"))));
    expect(error).toMatchObject(slow("slowly"));
    expect(seconds).toBeGreaterThanOrEqual(180);
  });
});

describe("a stop", () => {
  test.each([
    ["a download whose body drips", drippingBody(), (world: World) => world.files.open({ uri }, 10_000)],
    ["a download whose head drips", drippingHead, (world: World) => world.files.open({ uri }, 10_000)],
    ["a download that is not answered", unanswered, (world: World) => world.files.open({ uri }, 10_000)],
    ["an upload that is not read", unread, (world: World) => put(world)],
    ["an upload that is not answered", unanswered, (world: World) => put(world, fileOf(Buffer.from("x")))],
    [
      "a request that is not answered",
      unanswered,
      (world: World) => world.requests.ask({ method: "GET", path: route`/x` }),
    ],
    [
      "a request whose answer drips",
      drippingBody(),
      (world: World) => world.requests.ask({ method: "GET", path: route`/x` }),
    ],
  ])("ends %s, as nobody's try, and whatever is asked after it", async (_, act, begin) => {
    await using world = await World.start(act);
    const failed = expect(begin(world)).rejects.toMatchObject({ reason: "stopping", outage: true });
    await world.asked();
    world.server.drop();
    world.stop.abort(stopping());
    await failed;
    await expect(begin(world)).rejects.toMatchObject({ reason: "stopping" });
  });
});

test("an answer to a request that drips is given up, and one that comes slowly but steadily is read", async () => {
  using timers = heldTimers("performance");
  await using server = await DrippingServer.start(drippingBody());
  const pool = new Pool(server.url);
  const asked = { method: "GET", path: "/" } as const;
  const givenUp = new AbortController();
  const dripping = expect(wholeAnswer(pool, asked, undefined, 50))
    .rejects.toThrow("drips")
    .finally(() => givenUp.abort());
  const patient = wholeAnswer(pool, asked, undefined, 60_000);
  while (!givenUp.signal.aborted || server.asked < 2) {
    if (server.asked === 2) server.drop();
    // The pace of the drip: at it a thousand bytes take a hundred times what the first one is given.
    timers.pass(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await dripping;
  for (let left = 1_000; left > 0; left -= 1) server.drop();
  expect((await patient).text).toHaveLength(1_000);
  await pool.destroy();
});
