import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Node } from "../../src/networks/meta-interop/wire/node.ts";
import { openMedia, sealMedia } from "../../src/sandbox/state/media-crypto.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";
const hosted = new Map<string, Uint8Array>();
let host: Server;
let origin = "";

beforeAll(async () => {
  host = createServer((request, response) => {
    const bytes = hosted.get(request.url ?? "");
    response.writeHead(bytes === undefined ? 302 : 200, { location: "/elsewhere" }).end(bytes);
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
});
afterAll(() => {
  host.closeAllConnections();
  host.close();
});

describe.each(["whatsapp", "messenger"] as const)("files on %s", (network) => {
  test("a person's file is on the gatekeeper's host, encrypted", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network, name: "Bram" });
    const { user, chat } = await world.user(ana, network);
    const bytes = Buffer.from("a voice note".repeat(1000));
    const arrives = chat.next(isMessage);
    const waveform = [0, 50, 100];
    const voice = {
      as: "voice",
      media: bytes.toString("base64"),
      mimetype: "audio/ogg",
      seconds: 3,
      waveform,
    };
    await bram.does("sends", { to: ana, ...voice });
    const plaintext = await user.opens(await arrives);
    if (plaintext.kind !== "audio") throw new Error(plaintext.kind);
    expect(plaintext).toMatchObject({ voice: true, seconds: 3 });
    const { media } = plaintext;
    const url = `${world.network(network).base}/media${media.directPath}`;
    const ciphertext = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(ciphertext.includes("a voice note")).toBe(false);
    expect(openMedia("audio", media, ciphertext)).toEqual(bytes);
    await world.client.fault({ fault: "media-down", count: 1 });
    expect((await fetch(url)).status).toBe(503);
    await chat[Symbol.asyncDispose]();
  });

  test("a phone fetches our file through the proxy, and verifies it", async () => {
    await using world = await SandboxWorld.start(":memory:", undefined, [new URL(origin).host]);
    const bram = await world.client.person({ network, name: "Bram" });
    const { user, chat } = await world.user(ana, network);
    await user.startSession(chat, bram.jid);
    const plain = Buffer.from("a picture, nearly");
    const { file, hosted: ciphertext } = sealMedia("image", plain);
    hosted.set("/good", ciphertext);
    hosted.set("/bad", Buffer.concat([ciphertext, Buffer.of(1)]));
    const get = (id: string) => fetch(`${world.gatekeeper.url}/_sandbox/v1/people/${bram.id}/media/${id}`);
    for (const [id, url] of Object.entries({
      M1: `${origin}/good`,
      M2: `${origin}/bad`,
      M3: `${origin}/none`,
    })) {
      const media = { ...file, mimetype: "image/png", url };
      await user.sends(chat, await user.seal(bram.jid, id, { kind: "image", media, caption: "look" }));
    }
    const { items } = await bram.inbox();
    expect(items[0]).toMatchObject({
      kind: "image",
      caption: "look",
      media: { size: plain.length, mimetype: "image/png" },
    });
    const good = await get("M1");
    expect(good.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await good.arrayBuffer())).toEqual(plain);
    expect((await get("M2")).status).toBe(502);
    expect((await get("M3")).status).toBe(502);
    expect((await get("M4")).status).toBe(404);
    await chat[Symbol.asyncDispose]();
  });
});

test("the proxy fetches from allow-listed hosts only, and follows nothing", async () => {
  await using world = await SandboxWorld.start(":memory:", undefined, [new URL(origin).host]);
  hosted.set("/x", Buffer.from("x"));
  const proxy = async (url: string): Promise<number> => {
    const opaque = Buffer.from(url).toString("base64url");
    return (await fetch(`${world.network("whatsapp").base}/media-proxy/${opaque}`)).status;
  };
  expect(await proxy(`${origin}/x`)).toBe(200);
  expect(await proxy(`${origin}/moved`)).toBe(502);
  expect(await proxy(world.gatekeeper.url)).toBe(403);
  expect(await proxy("file:///etc/passwd")).toBe(403);
  expect(await proxy("nonsense")).toBe(403);
});

test("other kinds go out as what they are", async () => {
  await using world = await SandboxWorld.start();
  const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
  const { user, chat } = await world.user(ana);
  for (const kind of [
    "location",
    "contact",
    "poll",
    "sticker",
    "status",
    "disappearing",
    "viewOnce",
    "unknown",
  ]) {
    const arrives = chat.next(isMessage);
    await bram.does("sendsOther", { to: ana, kind });
    expect((await user.opens(await arrives)).kind).toBe(kind);
  }
  const rings = chat.next(({ tag }) => tag === "call");
  await bram.does("sendsOther", { to: ana, kind: "call" });
  expect((await rings).attrs["from"]).toBe(bram.jid);
  for (const [verb, fields, kind] of [
    ["reacts", { target: "T", emoji: "👍" }, "reaction"],
    ["edits", { target: "T", text: "new" }, "edit"],
    ["deletes", { target: "T" }, "revoke"],
  ] as const) {
    const arrives = chat.next(isMessage);
    await bram.does(verb, { to: ana, ...fields });
    expect(await user.opens(await arrives)).toMatchObject({ kind, target: { id: "T" } });
  }
  await bram.does("reports", { to: ana, target: "T" });
  expect(await world.client.reports()).toMatchObject([{ about: ana, target: "T", direction: "to_bridge" }]);
  await chat[Symbol.asyncDispose]();
});
