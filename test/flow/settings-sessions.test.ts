import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { settingsPageAt } from "../../src/program/settings-page.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";

let here: ProvisionedWorld;
let room: RoomId;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA);
  room = await here.world.meets(ANA);
});
afterEach(() => here[Symbol.asyncDispose]());

const SESSION = "/_matrix/provision/person/v1/session";
const MINUTE = 60_000;

/** The key of the link that the bot gives. */
async function linkKey(): Promise<string> {
  await here.world.says(ANA, room, "settings");
  const [, key = ""] = /\/settings\/#(\S+)/.exec(here.linked.last(room)) ?? [];
  return key;
}

const trade = (key: string, query = "") => here.ask("POST", SESSION + query, { token: `link:${key}` });
const opened = async (): Promise<string> => (await trade(await linkKey())).body.token;
const who = (token: string) => here.ask("GET", SESSION, { token });

/** Status and sentence. */
const said = ({ status, body }: Awaited<ReturnType<typeof trade>>) => [status, body.error];

describe("the bot's link to the settings page", () => {
  test("opens a session of whoever asked for it, whose token is good for everything of theirs", async () => {
    const key = await linkKey();
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(here.linked.last(room)).toContain(`${here.url}/settings/#${key}\n`);
    const { status, body } = await trade(key);
    expect([status, body.user_id, body.is_admin]).toEqual([200, ANA, false]);
    expect(body.ends_at - here.world.clock.now()).toBe(12 * 60 * MINUTE);
    expect(body.idle_ends_at - here.world.clock.now()).toBe(60 * MINUTE);
    const whoami = await here.ask("GET", "/_matrix/provision/v3/whoami", { token: body.token });
    expect(whoami.status).toBe(200);
    expect(
      await here.ask("GET", `${SESSION}?user_id=${encodeURIComponent(BEN)}`, { token: body.token }),
    ).toMatchObject({
      status: 401,
    });
  });

  test("opens the page once, within ten minutes, and not after a newer one", async () => {
    const first = await linkKey();
    const second = await linkKey();
    const again = "Write “settings” to the bot for a new one.";
    expect(said(await trade(first))).toEqual([
      410,
      `This link was replaced by a newer one, or you signed out everywhere. ${again}`,
    ]);
    expect((await trade(second)).status).toBe(200);
    expect(said(await trade(second))).toEqual([
      410,
      `This link was used already; it opens the page once. ${again}`,
    ]);
    const late = await linkKey();
    await here.world.clock.advance(10 * MINUTE);
    expect(said(await trade(late))).toEqual([410, `This link is too old. ${again}`]);
    expect(said(await trade("nonsense"))).toEqual([
      401,
      `This link is not known here, or the bridge was restarted since it was given out. ${again}`,
    ]);
  });

  test("is not used up by somebody who says that they are another", async () => {
    const key = await linkKey();
    expect(said(await trade(key, `?user_id=${encodeURIComponent(BEN)}`))).toEqual([
      403,
      "This link is another person's. Write “settings” to the bot for a new one.",
    ]);
    expect((await trade(key, `?user_id=${encodeURIComponent(ANA)}`)).status).toBe(200);
  });

  test("names its person for opening a session alone", async () => {
    const key = await linkKey();
    for (const [method, path] of [
      ["GET", SESSION],
      ["GET", "/_matrix/provision/v3/whoami"],
      ["DELETE", `${SESSION}s`],
    ] as const)
      expect((await here.ask(method, path, { token: `link:${key}` })).status).toBe(401);
    expect((await trade(key)).status).toBe(200);
  });

  test("cannot be guessed for long", async () => {
    const outcomes: number[] = [];
    for (let guess = 0; guess < 22; guess += 1) outcomes.push((await trade(`guess-${guess}`)).status);
    expect(outcomes.slice(0, 20)).toEqual(Array<number>(20).fill(401));
    expect(outcomes.slice(20)).toEqual([429, 429]);
  });

  test("is not in any log, and neither is a session's token", async () => {
    const key = await linkKey();
    const { body } = await trade(key);
    await trade(key);
    await here.ask("GET", "/_matrix/provision/nowhere", { token: body.token });
    const logged = here.lines.concat(here.world.errors, here.world.warnings).join("\n");
    expect(logged).toContain("410");
    for (const secret of [key, body.token]) expect(logged).not.toContain(secret);
  });

  test("is offered in the bot's first words", () => {
    expect(here.linked.last(room)).toContain("Write “settings” for a page on which you can do that");
  });

  test("says where it opens, if that is the bridge's own machine alone", async () => {
    const elsewhere = "It opens on the machine that the bridge runs on.";
    await linkKey();
    expect(here.linked.last(room)).toContain(elsewhere);
    here.world.settingsPage = settingsPageAt("https://chats.example.org", here.sessions);
    await linkKey();
    expect(here.linked.last(room)).toContain("https://chats.example.org/settings/#");
    expect(here.linked.last(room)).not.toContain(elsewhere);
  });

  test("is not given where the bridge has no such page", async () => {
    here.world.settingsPage = undefined;
    await here.world.says(ANA, room, "settings");
    expect(here.linked.last(room)).toContain(
      "They add the section “provisioning” to the bridge's configuration",
    );
  });
});

describe("a session of the settings page", () => {
  test("ends an hour after the last request, and after twelve hours whatever is asked", async () => {
    const token = await opened();
    for (let hours = 0; hours < 11; hours += 1) {
      await here.world.clock.advance(59 * MINUTE);
      expect((await who(token)).status).toBe(200);
    }
    await here.world.clock.advance(59 * MINUTE);
    expect((await who(token)).status).toBe(200);
    await here.world.clock.advance(12 * MINUTE);
    expect(said(await who(token))).toEqual([
      401,
      "You are signed out here. Write “settings” to the bot for a new link.",
    ]);
    const other = await opened();
    await here.world.clock.advance(60 * MINUTE);
    expect((await who(other)).status).toBe(401);
  });

  test("ends when its person signs out, and all of theirs when they sign out everywhere", async () => {
    const [one, two] = [await opened(), await opened()];
    const bens = here.sessions.open(BEN);
    expect((await here.ask("DELETE", SESSION, { token: one })).status).toBe(200);
    expect([(await who(one)).status, (await who(two)).status]).toEqual([401, 200]);
    const key = await linkKey();
    expect((await here.ask("DELETE", `${SESSION}s`, { token: two })).status).toBe(200);
    expect([(await who(two)).status, (await who(bens)).status]).toEqual([401, 200]);
    expect((await trade(key)).status).toBe(410);
  });

  test("is opened by an OpenID token too, and does not open one that outlives it", async () => {
    here.tokens.openId.set("anas", ANA);
    const query = `?user_id=${encodeURIComponent(ANA)}`;
    const { body } = await here.ask("POST", SESSION + query, { token: "openid:anas" });
    expect((await who(body.token)).body.user_id).toBe(ANA);
    await here.world.clock.advance(30 * MINUTE);
    const { body: again } = await here.ask("POST", SESSION, { token: body.token });
    expect([again.token, again.ends_at]).toEqual([body.token, body.ends_at]);
  });

  test("of somebody who may not use the bridge any more is refused, and over", async () => {
    const token = here.sessions.open("@mallory:elsewhere" as UserId);
    expect((await who(token)).status).toBe(403);
    expect((await who(token)).status).toBe(401);
  });

  test("is the eleventh of a person's only by ending the one that was used longest ago", async () => {
    const first = here.sessions.open(ANA);
    const second = here.sessions.open(ANA);
    await here.world.clock.advance(1_000);
    expect((await who(first)).status).toBe(200);
    for (let more = 0; more < 9; more += 1) here.sessions.open(ANA);
    expect([(await who(first)).status, (await who(second)).status]).toEqual([200, 401]);
  });
});

describe("the settings page's files", () => {
  const page = (path: string, method = "GET") => here.ask(method, path, { token: null });

  test("are anybody's, load nothing from elsewhere, and are in nobody's frame", async () => {
    const { status, headers, text } = await page("/settings/");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self' 'sha256-");
    expect(policy).toContain(
      "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(policy).not.toContain("unsafe");
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    expect(headers.has("set-cookie")).toBe(false);
    const links = Array.from(text.matchAll(/(?:src|href)="([^"]+)"/g), ([, link = ""]) => link);
    expect(links).toContain("settings/web/main.ts");
    for (const link of links) expect((await page(`/settings/${link}`)).status).toBe(200);
    expect((await page("/settings/settings/web/main.ts")).headers.get("content-type")).toContain(
      "javascript",
    );
  });

  test("are found without the slash, by HEAD, by no other method, and nothing beside them is", async () => {
    const answer = await fetch(`${here.url}/settings`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([308, "settings/"]);
    expect((await page("/settings/", "HEAD")).status).toBe(200);
    expect((await page("/settings/", "POST")).status).toBe(405);
    for (const path of [
      "page-files.ts",
      "settings/web/tsconfig.json",
      "../package.json",
      "%2e%2e/package.json",
    ])
      expect((await page(`/settings/${path}`)).status).toBe(404);
  });
});
