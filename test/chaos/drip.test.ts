import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient } from "../kit/other-client.ts";
import { base64, blob, sha256 } from "../kit/sample-files.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;
let ana: TestPerson;
let viewer: OtherClient;
let slow: OpenChat;
let other: OpenChat;
/** More than what fits into the sockets between the two. */
const bytes = blob(12_000_000);

beforeAll(async () => {
  world = await TestWorld.start({ proxied: true });
  ana = await world.person("Ana");
  viewer = await world.otherClient("ana");
  const chat = (name: string) => OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name });
  [slow, other] = [await chat("Traag"), await chat("Vlug")];
});
afterAll(() => world[Symbol.asyncDispose]());

/** Ends the bridge by SIGTERM; how many milliseconds that took and its last word. */
async function stopped(): Promise<{ readonly ms: number; readonly last: string | undefined }> {
  const began = performance.now();
  await world.world.bridge.kill("SIGTERM");
  const ms = performance.now() - began;
  return { ms, last: readFileSync(world.world.files.logs.bridge, "utf8").trimEnd().split("\n").at(-1) };
}

test("a file of the homeserver that drips holds no other chat and no stop, and goes on after the next start", async () => {
  const { proxy } = world;
  proxy?.poisons({ kind: "drip" }, (_, path) => path.includes("/media/download/"));
  const met = proxy?.faults(1);
  const url = await viewer.upload(bytes, "application/pdf");
  const info = { mimetype: "application/pdf", size: bytes.length };
  await slow.send({ msgtype: "m.file", body: "slow.pdf", filename: "slow.pdf", url, info });
  await slow.say("what follows it");
  await met;
  await other.said("nobody waits for another");
  const { ms, last } = await stopped();
  expect(last).toMatch(/INFO {2}stopped$/);
  expect(ms).toBeLessThan(5_000);
  proxy?.heals();
  await world.world.startBridge();
  const item = await slow.shows("the file", ({ kind }) => kind === "file");
  expect(item.media).toMatchObject({ sha256: sha256(bytes) });
  await slow.heard("what follows it");
});

test("a file for the homeserver that it does not read holds no other chat and no stop, and goes on after the next start", async () => {
  const { proxy } = world;
  proxy?.poisons({ kind: "unread" }, (method, path) => method === "PUT" && path.includes("/upload/"));
  const met = proxy?.faults(1);
  const media = { as: "file", media: base64(bytes), mimetype: "application/octet-stream" };
  await slow.does("sends", { ...media, name: "slow.bin" });
  await met;
  await other.does("says", { text: "nor for this" });
  await other.text("nor for this");
  const { ms, last } = await stopped();
  expect(last).toMatch(/INFO {2}stopped$/);
  expect(ms).toBeLessThan(5_000);
  proxy?.heals();
  await world.world.startBridge();
  const event = await slow.event("the file", ({ content }) => content["filename"] === "slow.bin");
  expect(sha256((await viewer.download(event.content["url"])).bytes)).toBe(sha256(bytes));
});
