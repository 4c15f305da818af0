import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { matrixApi } from "../../tools/matrix/api.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

const SECRET = "canary-secret-of-the-provisioning-api-7f";

let world: TestWorld;
let ana: TestPerson;
let token: string;
let url: string;
/** What no log may have. */
const secrets: string[] = [SECRET];

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  world = await TestWorld.start({
    bridgeEnvironment: {
      BRIDGE_PROVISIONING__LISTEN: `127.0.0.1:${port}`,
      BRIDGE_PROVISIONING__SHARED_SECRET: SECRET,
      BRIDGE_PERMISSIONS: JSON.stringify({ localhost: "user", "@boss:localhost": "admin" }),
    },
  });
  ana = await world.person("Ana", []);
  token = await loggedIn("ana");
  secrets.push(token);
});
afterAll(() => endQuietly(world, secrets));

/** A new access token of a person. */
async function loggedIn(user: string): Promise<string> {
  const call = matrixApi(world.world.homeserver, undefined, AbortSignal.timeout(30_000));
  const identifier = { type: "m.id.user", user };
  const answer = await call("POST", "v3/login", {
    type: "m.login.password",
    identifier,
    password: `${user}-password`,
  });
  return String(answer["access_token"]);
}

const V3 = "/whatsapp/_matrix/provision/v3";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(method: "GET" | "POST", path: string, bearer: string, body?: object): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer["body"] };
}

describe("the provisioning API beside a real homeserver", () => {
  test("somebody logs in with their own token, opens a chat, writes, and logs out", async () => {
    const whoami = await ask("GET", `${V3}/whoami?user_id=${encodeURIComponent(ana.userId)}`, token);
    expect(whoami).toMatchObject({
      status: 200,
      body: { bridge_bot: world.botId, homeserver: "localhost", management_room: ana.management, logins: [] },
    });
    const { body: step } = await ask("POST", `${V3}/login/start/whatsapp.consent`, token, {});
    const path = `${V3}/login/step/${String(step["login_id"])}/${String(step["step_id"])}/user_input`;
    const { body: done } = await ask("POST", path, token, { agree: "yes", beside: "NL" });
    expect(done).toMatchObject({ type: "complete", complete: { user_login_id: expect.any(String) } });
    expect((await world.control.users()).map(({ visible_id: id }) => id)).toContain(ana.userId);
    const eva = await world.contact("whatsapp", "Eva Zoeker");
    const made = await ask("POST", `${V3}/create_dm/${encodeURIComponent(eva.externalId)}`, token, {});
    expect(made).toMatchObject({ status: 201, body: { name: "Eva Zoeker" } });
    const room = String(made.body["dm_room_mxid"]);
    await ana.client.join(room);
    await ana.client.say(room, "Hello Eva");
    await eva.hears("Hello Eva");
    const id = String((done["complete"] as Answer["body"])["user_login_id"]);
    expect(await ask("POST", `${V3}/logout/${id}`, token, {})).toEqual({ status: 200, body: {} });
    expect((await world.control.users()).map(({ visible_id: one }) => one)).not.toContain(ana.userId);
  });

  test("an OpenID token of the homeserver and the shared secret name somebody, what they gave back does not", async () => {
    const user = encodeURIComponent(ana.userId);
    const openId = await ana.client.call("POST", `v3/user/${user}/openid/request_token`, {});
    const bearer = `openid:${String(openId["access_token"])}`;
    expect((await ask("GET", `${V3}/logins?user_id=${user}`, bearer)).status).toBe(200);
    expect((await ask("GET", `${V3}/logins?user_id=%40ben%3Alocalhost`, bearer)).status).toBe(401);
    expect((await ask("GET", `${V3}/logins?user_id=${user}`, SECRET)).status).toBe(200);
    const spent = await loggedIn("ana");
    await matrixApi(world.world.homeserver, spent, AbortSignal.timeout(30_000))("POST", "v3/logout", {});
    expect(await ask("GET", `${V3}/logins`, spent)).toMatchObject({
      status: 401,
      body: { errcode: "M_UNKNOWN_TOKEN" },
    });
    expect((await ask("GET", `${V3}/logins`, world.world.tokens.as)).status).toBe(401);
  });

  test("the bot's link opens the settings page once, and what it opened ends with a word", async () => {
    const said = ana.client.next(
      "the link",
      (event) => event.sender === world.botId && String(event.content["body"]).includes("/settings/#"),
    );
    await ana.client.say(ana.management, "settings");
    const [, address = "", key = ""] =
      /(http\S+\/settings\/)#(\S+)/.exec(String((await said).content["body"])) ?? [];
    expect(address).toBe(`${url}/settings/`);
    const page = await fetch(address);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const session = "/_matrix/provision/person/v1/session";
    const { status, body } = await ask("POST", session, `link:${key}`, {});
    expect([status, body["user_id"]]).toEqual([200, ana.userId]);
    secrets.push(key, String(body["token"]));
    expect((await ask("POST", session, `link:${key}`, {})).status).toBe(410);
    const opened = String(body["token"]);
    expect((await ask("GET", `${V3}/whoami`, opened)).status).toBe(200);
    await fetch(`${url}${session}s`, { method: "DELETE", headers: { authorization: `Bearer ${opened}` } });
    expect((await ask("GET", `${V3}/whoami`, opened)).status).toBe(401);
  });

  test("an administrator sees what runs here and why somebody may use it, has the links tried, and makes a backup", async () => {
    const as = "user_id=%40boss%3Alocalhost";
    const admin = (method: "GET" | "POST", path: string) =>
      ask(method, `/_matrix/provision/admin/v1/${path}?${as}`, SECRET, method === "GET" ? undefined : {});
    const { body: versions } = await admin("GET", "versions");
    expect(versions).toEqual({
      bridge: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version.slice(1),
      libsignal: expect.stringMatching(/^\d+\.\d+\.\d+/),
      sqlite: expect.stringMatching(/^3\.\d+\.\d+/),
    });
    expect((await admin("GET", `permissions/${encodeURIComponent(ana.userId)}`)).body).toMatchObject({
      level: "user",
      entry: "localhost",
    });
    const carriedOut = async (path: string) => {
      let answer = await admin("POST", path);
      while (answer.body["done"] === false) answer = await admin("GET", path);
      return answer;
    };
    const [checks, backup] = await Promise.all([carriedOut("checks"), carriedOut("backups")]);
    expect(checks.body["links"]).toContainEqual({
      name: "token",
      findings: [expect.objectContaining({ kind: "good" })],
    });
    expect(backup).toMatchObject({ status: 200, body: { made: { missing: 0 } } });
    const { folder } = backup.body["made"] as { readonly folder: string };
    expect(existsSync(join(folder, "bridge.db"))).toBe(true);
    expect((await ask("GET", "/_matrix/provision/admin/v1/versions", token)).status).toBe(403);
  });
});
