import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { NetworkId } from "../../../src/core/model/ids.ts";
import { ChatSocket } from "../../../src/networks/meta-interop/connection/chat-socket.ts";
import { endingTrouble } from "../../../src/networks/meta-interop/connection/ending-trouble.ts";
import { checkNetwork } from "../../../src/networks/meta-interop/connection/network-check.ts";
import { generateKeyPair } from "../../../src/networks/meta-interop/wire/noise/x25519.ts";
import { realClock } from "../../kit/interop-world.ts";
import { ScriptedGatekeeper } from "../../kit/scripted-gatekeeper.ts";

const profile = { id: "whatsapp" as NetworkId, name: "WhatsApp" };
const stack: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of stack.splice(0)) await each.close();
});

/** A server on a free port; gives its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  // A connection that is kept is not closed in the moment it is used again, however late that is.
  server.keepAliveTimeout = 0;
  stack.push({ close: () => (server.closeAllConnections(), server.close()) });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json =
  (
    answers: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): RequestListener =>
  ({ url = "" }, response) => {
    const answer = answers[url];
    response.writeHead(answer === undefined ? 404 : 200, headers).end(JSON.stringify(answer ?? {}));
  };

/** A port on which nothing listens. */
async function deadAddress(): Promise<string> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

const KEYS = { "/.well-known/jwks.json": { keys: [{ kid: "k1" }] } };
const published = async () => ({ keys: [{ kid: "ours" }] });

/** What a check finds between these two addresses. */
const check = (url: string, issuer: string, now = Date.now()) =>
  checkNetwork({ profile, url, issuer, keys: { published }, clock: { ...realClock, now: () => now } });

/** Our own public address, as it should be but for `changes`. */
async function ownAddress(
  changes: { readonly issuer?: string; readonly kid?: string } = {},
): Promise<string> {
  let issuer = "";
  issuer = await serve((request, response) =>
    json({
      "/.well-known/openid-configuration": {
        issuer: changes.issuer ?? issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
      },
      "/.well-known/jwks.json": { keys: [{ kid: changes.kid ?? "ours" }] },
    })(request, response),
  );
  return issuer;
}

describe("a check without a login", () => {
  test("finds nothing where network and public address are as they should be", async () => {
    expect(await check(await serve(json(KEYS)), await ownAddress())).toBeUndefined();
  });

  test("names an address where nothing answers, another that is no network, and one with a fault of its own", async () => {
    const issuer = await ownAddress();
    const dead = await deadAddress();
    expect(await check(dead, issuer)).toMatchObject({
      kind: "link",
      address: dead,
      what: `Nothing answers at ${dead} (ECONNREFUSED).`,
      cure: expect.stringContaining("networks.whatsapp.url"),
    });
    const other = await serve(json({}));
    expect(await check(other, issuer)).toMatchObject({
      what: `What answers at ${other} is not WhatsApp's interface for third parties (status 404).`,
      cure: "Correct networks.whatsapp.url.",
    });
    const page = await serve((_, response) => response.end("<html>hello</html>"));
    expect(await check(page, issuer)).toMatchObject({ cure: "Correct networks.whatsapp.url." });
    const ill = await serve((_, response) => response.writeHead(503).end());
    expect(await check(ill, issuer)).toMatchObject({ what: "WhatsApp has a fault of its own (status 503)." });
  });

  test("names a mistyped name, and TLS where there is none", async () => {
    const issuer = await ownAddress();
    expect(await check("http://no-such-host.invalid", issuer)).toMatchObject({
      what: expect.stringMatching(/^The name of http:\/\/no-such-host\.invalid is not found \(E/),
      cure: expect.stringContaining("mistyped"),
    });
    const plain = (await serve(json(KEYS))).replace("http:", "https:");
    expect(await check(plain, issuer)).toMatchObject({
      what: expect.stringContaining(`There is no trustworthy TLS connection to ${plain} (ERR_SSL_`),
      cure: expect.stringContaining("https:// or http://"),
    });
  });

  test("names a clock that is wrong, which way and by how much", async () => {
    const network = await serve(json(KEYS, { date: new Date(1_700_000_000_000).toUTCString() }));
    const issuer = await ownAddress();
    expect(await check(network, issuer, 1_700_000_120_000)).toMatchObject({
      kind: "proof",
      what: "This machine's clock is 120 seconds ahead of WhatsApp's.",
    });
    expect(await check(network, issuer, 1_699_996_400_000)).toMatchObject({
      what: "This machine's clock is 3600 seconds behind WhatsApp's.",
    });
    expect(await check(network, issuer, 1_700_000_010_000)).toBeUndefined();
  });

  test("names a public address that does not answer, is another server, or shows other keys", async () => {
    const network = await serve(json(KEYS));
    const dead = await deadAddress();
    expect(await check(network, dead)).toMatchObject({
      kind: "proof",
      address: `${dead}/.well-known/openid-configuration`,
      what: expect.stringContaining("cannot be used from here. Nothing answers"),
      cure: expect.stringContaining("partner.url"),
    });
    const other = await serve(json({}));
    expect(await check(network, other)).toMatchObject({
      what: `What answers at ${other}/.well-known/openid-configuration is not this bridge (status 404).`,
    });
    const renamed = await ownAddress({ issuer: "https://elsewhere.example.com" });
    expect(await check(network, renamed)).toMatchObject({
      what: expect.stringContaining("gives another address as its own"),
    });
    const foreign = await ownAddress({ kid: "another bridge's" });
    expect(await check(network, foreign)).toMatchObject({
      address: `${foreign}/.well-known/jwks.json`,
      what: `The keys at ${foreign}/.well-known/jwks.json are not this bridge's.`,
    });
  });
});

describe("a connection that ends", () => {
  /** What a socket to this address ends with. */
  const faultOf = (url: string, rootKey: Uint8Array): Promise<unknown> =>
    new Promise((closed) => {
      const keys = { static: generateKeyPair(), rootKey, payload: new Uint8Array() };
      const listener = { stanza() {}, unreadable() {}, closed };
      const socket = new ChatSocket({ url, ...keys, clock: realClock }, listener);
      stack.push({ close: () => socket.close() });
    });
  const troubleOf = (fault: unknown, address = "ws://network") =>
    endingTrouble({ kind: "lost", fault }, { profile, address, issuer: "https://us" });

  test("at a server with another root key is told with the key's place in the configuration", async () => {
    const gatekeeper = await ScriptedGatekeeper.start();
    stack.push({ close: () => gatekeeper[Symbol.asyncDispose]() });
    const fault = await faultOf(gatekeeper.url, generateKeyPair().publicKey);
    expect(troubleOf(fault, gatekeeper.url)).toMatchObject({
      address: gatekeeper.url,
      what: `What answers at ${gatekeeper.url} does not prove itself by the root key of the configuration.`,
      cure: expect.stringContaining("networks.whatsapp.root_key"),
    });
  });

  test("at no server, or at one that knows no chat, is told as that", async () => {
    const key = generateKeyPair().publicKey;
    const dead = (await deadAddress()).replace("http", "ws");
    expect(troubleOf(await faultOf(dead, key), dead)?.what).toBe(
      `Nothing answers at ${dead} (ECONNREFUSED).`,
    );
    const page = (await serve(json({}))).replace("http", "ws");
    expect(troubleOf(await faultOf(page, key), page)?.what).toBe(
      `What answers at ${page} is not WhatsApp's chat server (status 404).`,
    );
  });

  test.each([
    [401, "proof", "does not accept this bridge's proof"],
    [405, "link", "too old"],
    [410, "link", "no longer works together"],
    [503, "link", "a fault of its own"],
  ])("with a failure %i is trouble of kind %s", (reason, kind, what) => {
    expect(
      endingTrouble({ kind: "failure", reason }, { profile, address: "ws://network", issuer: "https://us" }),
    ).toMatchObject({ kind, what: expect.stringContaining(what) });
  });

  test.each([402, 403, 404, 406])("with a failure %i is its person's own matter", (reason) => {
    const around = { profile, address: "ws://network", issuer: "https://us" };
    expect(endingTrouble({ kind: "failure", reason }, around)).toBeUndefined();
  });
});
