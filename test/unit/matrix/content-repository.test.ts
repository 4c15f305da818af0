import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { UserId } from "../../../src/core/model/ids.ts";
import { fileOf } from "../../../src/core/model/media.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

const MiB = 1024 * 1024;
let world: FakeHomeserverWorld;
let ghost: UserId;

beforeEach(async () => {
  world = await FakeHomeserverWorld.start();
  ghost = world.homeserver.ghostId("a");
  await world.homeserver.register(world.homeserver.bot);
  await world.homeserver.register(ghost);
});
afterEach(async () => world[Symbol.asyncDispose]());

const put = async (bytes: Uint8Array, name?: string): Promise<string> => {
  const uri = await world.homeserver.reserveMedia(ghost);
  await world.homeserver.putMedia(ghost, uri, fileOf(bytes), "text/plain", name);
  return uri;
};

test("a file is the sender's own, with a name that is safe", async () => {
  const uri = await put(Buffer.from("x"), "../we\u202Eird name&x=1.txt");
  expect(world.fake.media.file(uri)).toMatchObject({ owner: ghost, size: 1, name: "weird name&x=1.txt" });
});

test("an answer that got lost is asked for again, and what is there already is success", async () => {
  const { homeserver, fake } = world;
  const uri = await homeserver.reserveMedia(ghost);
  fake.faults.order({ fault: { kind: "lose-answer" }, method: "PUT", path: "/upload/", count: 1 });
  const first = homeserver.putMedia(ghost, uri, fileOf(Buffer.from("once")), "text/plain");
  await expect(first).rejects.toMatchObject({ reason: "homeserver-fault", retryAfter: 0 });
  await homeserver.putMedia(ghost, uri, fileOf(Buffer.from("once")), "text/plain");
  expect(String(await fake.media.bytes(uri))).toBe("once");
});

test.each([
  [
    { kind: "status", status: 429, errcode: "M_LIMIT_EXCEEDED", retryAfterMs: 700 },
    "homeserver-unreachable",
    700,
  ],
  [{ kind: "status", status: 413, errcode: "M_TOO_LARGE" }, "too-large", undefined],
  // The page of a proxy with a smaller limit.
  [{ kind: "status", status: 413 }, "too-large", undefined],
  [{ kind: "status", status: 404, errcode: "M_NOT_FOUND" }, "gone", 0],
  [{ kind: "status", status: 502 }, "homeserver-fault", 0],
] as const)("an upload answered %j", async (fault, reason, retryAfter) => {
  const { homeserver, fake } = world;
  const uri = await homeserver.reserveMedia(ghost);
  fake.faults.order({ fault, path: "/upload/", count: 1 });
  const answer = homeserver.putMedia(ghost, uri, fileOf(Buffer.from("x")), "text/plain");
  await expect(answer).rejects.toMatchObject({ reason, retryAfter });
});

test("a file that changes while it is sent is our trouble, not the homeserver's", async () => {
  const { homeserver } = world;
  for (const size of [3, 30]) {
    const uri = await homeserver.reserveMedia(ghost);
    const file = { ...fileOf(Buffer.from("0123456789")), size };
    const sent = homeserver.putMedia(ghost, uri, file, "text/plain");
    await expect(sent).rejects.toMatchObject({ reason: "internal", certain: true });
  }
});

test("a redirect is not followed", async () => {
  const uri = await put(Buffer.from("x"));
  world.fake.media.redirect = `${world.fake.url}/_synapse/admin/v1/server_version`;
  await expect(world.homeserver.openMedia({ uri }, 100)).rejects.toMatchObject({
    reason: "forbidden",
    retryAfter: undefined,
  });
  expect(world.fake.requests).not.toContain("GET /_synapse/admin/v1/server_version");
});

test("a file still being uploaded is waited for", async () => {
  const uri = await world.homeserver.reserveMedia(ghost);
  await expect(world.homeserver.openMedia({ uri }, 100)).rejects.toMatchObject({
    reason: "not-found",
    retryAfter: 5000,
  });
});

test("a download that breaks off is tried again", async () => {
  const uri = await put(Buffer.alloc(MiB));
  world.fake.media.cut = 1000;
  const failure = world.homeserver.openMedia({ uri }, 2 * MiB);
  await expect(failure).rejects.toMatchObject({ reason: "homeserver-fault", retryAfter: 0 });
  world.fake.media.cut = undefined;
  await using file = await world.homeserver.openMedia({ uri }, 2 * MiB);
  expect(file.size).toBe(MiB);
});

test("an encrypted file is not asked for while the bridge reads no encrypted rooms", async () => {
  const { homeserver, fake } = world;
  const uri = await put(Buffer.from("ciphertext"));
  const { key } = await homeserver.sealMedia(fileOf(Buffer.from("plain text")));
  await expect(homeserver.openMedia({ uri, key }, 100)).rejects.toMatchObject({
    reason: "unsupported",
    retryAfter: undefined,
    words: expect.stringContaining("Please upload it again here"),
  });
  expect(fake.requests.filter((line) => line.includes("/download/"))).toEqual([]);
});

test("the limit is asked for once an hour", async () => {
  const { homeserver, fake, clock } = world;
  const asked = (): number => fake.requests.filter((line) => line.endsWith("/media/config")).length;
  expect(await homeserver.mediaLimit()).toBe(200 * MiB);
  fake.media.limit = undefined;
  expect(await homeserver.mediaLimit()).toBe(200 * MiB);
  expect(asked()).toBe(1);
  clock.shift += 3_600_001;
  expect(await homeserver.mediaLimit()).toBeUndefined();
  fake.media.limit = MiB;
  clock.shift -= 86_400_000;
  expect(await homeserver.mediaLimit()).toBe(MiB);
});
