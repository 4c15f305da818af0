import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { generateKeyPair } from "../../src/networks/meta-interop/wire/noise/x25519.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";
import { postEnlist } from "../kit/third-party.ts";

const ana = "@ana:example.org";

async function codeOf(response: Response): Promise<string> {
  return `${response.status} ${((await response.json()) as { error: { code: string } }).error.code}`;
}

describe("enlistment", () => {
  test("the same user again gets the same account", async () => {
    await using world = await SandboxWorld.start();
    const network = world.network("whatsapp");
    const noise = generateKeyPair();
    const first = await postEnlist(network, await world.party.token(noise, ana, network.enlist_url));
    expect(first.status).toBe(201);
    const body = (await first.json()) as Record<string, string>;
    expect(body["jid"]).toBe(`12-${body["account_id"]}@interop`);
    expect(Object.keys(body)).toEqual(["account_id", "jid", "chat_url", "media_proxy", "media_url"]);
    const again = await postEnlist(network, await world.party.token(noise, ana, network.enlist_url));
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(body);
  });

  test("each thing wrong with a token is refused, and kept as a violation", async () => {
    await using world = await SandboxWorld.start();
    const { party } = world;
    const network = world.network("whatsapp");
    const noise = generateKeyPair();
    const url = network.enlist_url;
    const now = Math.floor(Date.now() / 1000);
    const stranger = generateKeyPairSync("ed25519").privateKey;
    const tokens = {
      garbage: "not.a.token",
      "another key": await party.token(noise, ana, url, {}, stranger),
      "another audience": await party.token(noise, ana, `${url}/x`),
      "an unknown issuer": await party.token(noise, ana, url, { iss: "https://evil.example" }),
      "past its end": await party.token(noise, ana, url, { iat: now - 500, exp: now - 60 }),
      "from the future": await party.token(noise, ana, url, { iat: now + 300, exp: now + 500 }),
      "too long a life": await party.token(noise, ana, url, { exp: now + 3600 }),
      "another kind of identifier": await party.token(noise, "+31612345678", url, { idt: "pn" }),
      "no thumbprint": await party.token(noise, ana, url, { cnf: {} }),
    };
    for (const [what, token] of Object.entries(tokens)) {
      const response = await postEnlist(network, token);
      expect([what, response.status]).toEqual([what, 401]);
    }
    const kinds = (await world.client.violations()).map(({ kind }) => kind);
    expect(kinds).toEqual(Object.keys(tokens).map(() => "bad-token"));
    expect(await world.client.users()).toEqual([]);
  });

  test("a token is good once, over a restart too", async () => {
    await using world = await SandboxWorld.start();
    const network = world.network("whatsapp");
    const token = await world.party.token(generateKeyPair(), ana, network.enlist_url);
    expect((await postEnlist(network, token)).status).toBe(201);
    expect(await codeOf(await postEnlist(network, token))).toBe("401 token-replayed");
  });

  test("malformed, outside the EEA, throttled, out of order, removed: each has its answer", async () => {
    await using world = await SandboxWorld.start();
    const { party, client } = world;
    const network = world.network("messenger");
    const noise = generateKeyPair();
    const token = () => party.token(noise, ana, network.enlist_url);
    const post = (body: string) => fetch(network.enlist_url, { method: "POST", body });
    expect(await codeOf(await post("{"))).toBe("400 malformed");
    expect(await codeOf(await post('{"id_token":"x","more":1}'))).toBe("400 malformed");
    expect(await codeOf(await post("x".repeat(100_000)))).toBe("413 too-long");
    const abroad = await party.token(noise, ana, network.enlist_url, { country: "US" });
    expect(await codeOf(await postEnlist(network, abroad))).toBe("403 outside-eea");
    await client.fault({ fault: "throttle", stanza: "enlist", count: 1, ms: 3000 });
    const throttled = await postEnlist(network, await token());
    expect(throttled.headers.get("retry-after")).toBe("3");
    expect(await codeOf(throttled)).toBe("429 throttled");
    await client.fault({ fault: "http-error", network: "messenger", count: 1 });
    expect((await postEnlist(network, await token())).status).toBe(503);
    await client.network("messenger", { integrators: { 12: { status: "removed" } } });
    expect(await codeOf(await postEnlist(network, await token()))).toBe("410 integrator-removed");
  });

  test("keys rotate, and a redirect is not followed", async () => {
    await using world = await SandboxWorld.start();
    const { party } = world;
    const network = world.network("whatsapp");
    const old = await party.token(generateKeyPair(), ana, network.enlist_url);
    party.answerWith = { status: 302, headers: { location: `${party.iss}/keys` }, body: "" };
    expect(await codeOf(await postEnlist(network, old))).toBe("503 keys-unreachable");
    party.answerWith = undefined;
    expect((await postEnlist(network, old)).status).toBe(201);
    party.rotate();
    const login = await party.enlist(network, "@bea:example.org").catch((cause: unknown) => cause);
    // The new key is asked for at once only when the last question is half a second old.
    expect(login).toBeDefined();
  });

  test("de-enlistment, repeated, and enlistment while it runs", async () => {
    await using world = await SandboxWorld.start();
    const { party, client } = world;
    const login = await party.enlist(world.network("whatsapp"), ana);
    const { enlist_url: url } = login.network;
    const remove = async (): Promise<Response> =>
      fetch(`${url}/${login.accountId}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${await party.token(login.noise, ana, url)}` },
      });
    await client.fault({ fault: "delay", stanza: "de-enlist", ms: 1500, count: 1 });
    await using chat = await ChatClient.connect(party, login);
    const running = remove();
    // The connection is closed when the de-enlistment has begun.
    await chat.closed;
    const token = await party.token(login.noise, ana, url);
    expect(await codeOf(await postEnlist(login.network, token))).toBe("409 de-enlisting");
    expect((await running).status).toBe(204);
    expect((await remove()).status).toBe(204);
    expect(await client.users()).toEqual([]);
    const back = await party.enlist(world.network("whatsapp"), ana);
    expect(back.accountId).not.toBe(login.accountId);
  });
});
