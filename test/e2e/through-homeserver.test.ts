import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { matrixApi } from "../../tools/matrix/api.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

/** Synapse 1.163 lets an application service have no prefix but one below this. */
const PREFIX = "rtc/livekit/third-party-chats";

let world: TestWorld;
let ana: TestPerson;
let token: string;
let base: string;

beforeAll(async () => {
  // No section “provisioning”: the bridge opens no port for it.
  world = await TestWorld.start({
    proxyPrefix: PREFIX,
    synapseExtra: { experimental_features: { msc4512_enabled: true } },
  });
  ana = await world.person("Ana", ["whatsapp"]);
  token = await loggedIn("ana");
  base = `${world.world.homeserver}/_matrix/client/unstable/io.element.msc4512/${PREFIX}`;
});
afterAll(() => endQuietly(world, [token]));

async function loggedIn(user: string): Promise<string> {
  const call = matrixApi(world.world.homeserver, undefined, AbortSignal.timeout(30_000));
  const answer = await call("POST", "v3/login", {
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password: `${user}-password`,
  });
  return String(answer["access_token"]);
}

async function ask(method: string, path: string, bearer: string | undefined, body?: object) {
  const answer = await fetch(base + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

const PERSON = "/_matrix/provision/person/v1";

const logged = (): string => readFileSync(world.world.files.bridgeLog, "utf8");

describe("the provisioning API through a Synapse that passes requests on (MSC4512)", () => {
  test("is a person's by their own token, without a port or a proxy, and nobody's without one", async () => {
    expect(logged()).toContain("clients reach the provisioning API through the homeserver too");
    const whoami = await ask(
      "GET",
      `/whatsapp/_matrix/provision/v3/whoami?user_id=${encodeURIComponent(ana.userId)}`,
      token,
    );
    expect(whoami).toMatchObject({
      status: 200,
      body: { bridge_bot: world.botId, logins: [{ state_event: "CONNECTED" }] },
    });
    expect((await ask("PUT", `${PERSON}/settings/receipts`, token, { value: "off" })).body).toMatchObject({
      value: "off",
    });
    expect((await ask("GET", `${PERSON}/settings`, await loggedIn("ana"))).body["settings"]).toContainEqual(
      expect.objectContaining({ name: "receipts", value: "off" }),
    );
    expect((await ask("GET", `${PERSON}/settings`, undefined)).body).toMatchObject({
      errcode: "M_MISSING_TOKEN",
    });
    expect((await ask("GET", `${PERSON}/settings`, "nonsense")).status).toBe(401);
    expect((await ask("GET", `${PERSON}/settings?user_id=%40ben%3Alocalhost`, token)).status).toBe(401);
    expect((await ask("GET", "/_matrix/provision/admin/v1/logins", token)).status).toBe(403);
    // The bridge's own token is Synapse's to know, and is no person's.
    expect((await ask("GET", `${PERSON}/settings`, world.world.tokens.as)).status).toBe(403);
  });

  test("has a page hear of changes within the time that Synapse waits", async () => {
    const first = await ask("GET", `${PERSON}/events`, token);
    const waiting = ask("GET", `${PERSON}/events?since=${String(first.body["at"])}`, token);
    expect((await ask("PUT", `${PERSON}/settings/receipts`, token, { value: "on" })).status).toBe(200);
    expect((await waiting).body).toMatchObject({ changed: ["settings"] });
  });

  test("brings the settings page's files to a client that asks with its token; a link in a browser has none", async () => {
    const page = await ask("GET", "/settings/", token);
    expect(page.text).toContain("<!doctype html>");
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect((await ask("GET", "/settings/", undefined)).status).toBe(401);
  });
});
