import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type DemoFolder, openFolder } from "../../../tools/demo/folder.ts";
import { DemoPage } from "../../../tools/demo/page/demo-page.ts";
import { addressesIn, roomIn } from "../../../tools/demo/page/model/addresses.ts";
import { commandsIn } from "../../../tools/demo/page/model/bot-commands.ts";
import { textContent } from "../../../tools/demo/page/model/text-content.ts";
import type { Screen } from "../../../tools/demo/screen.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

describe("the server of the demo's page", () => {
  const problems: string[] = [];
  let data: TemporaryFolder;
  let folder: DemoFolder;
  let page: DemoPage;
  let host: string;

  beforeAll(async () => {
    data = temporaryFolder();
    folder = await openFolder(data.path, () => undefined);
    const screen: Pick<Screen, "problem"> = { problem: (words) => problems.push(words) };
    page = await DemoPage.start(folder.state, screen);
    ({ host } = new URL(page.url));
  });
  afterAll(async () => {
    await page[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    data[Symbol.dispose]();
    expect(problems).toEqual([]);
  });

  /** Asks with exactly these headers, as only a browser's page of somebody else would be kept from. */
  async function asks(method: string, path: string, headers: IncomingHttpHeaders = {}) {
    const json = { "content-type": "application/json", ...headers };
    const asked = request(new URL(path, page.url), { method, headers: method === "POST" ? json : headers });
    asked.end(method === "POST" ? '{"user":"ana"}' : undefined);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  }

  test("says what is being prepared to whoever looks on already", async () => {
    page.prepares("Starting Synapse");
    const { body } = await asks("GET", "/state");
    expect(JSON.parse(body)).toMatchObject({
      ready: false,
      step: "Starting Synapse",
      parts: { homeserver: "starting", bridge: "starting", gatekeeper: "starting" },
    });
    for (const path of ["/session", "/parts/bridge/kill"])
      expect(await asks("POST", path)).toMatchObject({
        status: 503,
        body: expect.stringContaining("not up yet"),
      });
  });

  test("tells no password and no token but to who asks for a session", async () => {
    const { body } = await asks("GET", "/state");
    for (const { password } of folder.state.users) expect(body).not.toContain(password);
  });

  test("its page takes nothing from elsewhere, is held in no frame, and names no other origin but the three it needs", async () => {
    const { synapse, sandbox, signal } = folder.state.settings.ports;
    const { headers } = await asks("GET", "/");
    expect(headers["content-security-policy"]).toBe(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        `connect-src 'self' http://127.0.0.1:${synapse}`,
        `frame-src http://127.0.0.1:${sandbox} http://127.0.0.1:${signal}`,
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    );
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  const every = [
    ["GET", "/"],
    ["GET", "/client.js"],
    ["GET", "/state"],
    ["POST", "/session"],
    ["POST", "/parts/bridge/kill"],
  ] as const;

  test.each(every)(
    "%s %s is refused to a page that reaches it by another name (DNS rebinding)",
    async (method, path) => {
      const answer = await asks(method, path, { host: "rebound.example:1234" });
      expect(answer).toMatchObject({ status: 403, body: expect.stringContaining(`is at ${page.url} only`) });
    },
  );

  test.each(every)("%s %s is refused to another site's page", async (method, path) => {
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    ])
      expect(await asks(method, path, headers)).toMatchObject({ status: 403 });
  });

  test("a form of another page, which browsers send without asking, gets no session", async () => {
    expect(await asks("POST", "/session", { "content-type": "text/plain" })).toMatchObject({ status: 415 });
  });

  test("a link elsewhere may lead here, and the other name of this machine leads to the one that works", async () => {
    const linked = {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    expect(await asks("GET", "/", linked)).toMatchObject({ status: 200 });
    const named = await asks("GET", "/", { host: host.replace("127.0.0.1", "localhost") });
    expect(named).toMatchObject({ status: 302, headers: { location: page.url } });
  });

  test.each(["/parts/nothing/kill", "/parts/bridge/burn", "/parts/__proto__/kill", "/%zz"])(
    "there is nothing at %s",
    async (path) => {
      expect(await asks("POST", path)).toMatchObject({ status: 404 });
    },
  );

  test.each(["nobody", "__proto__", ""])("there is no session for “%s”", async (user) => {
    const answer = await fetch(new URL("/session", page.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user }),
    });
    expect(answer.status).toBe(404);
  });

  test("a body that is no JSON is said to be none", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL("/session", page.url), { method: "POST", headers, body: "{" });
    expect(answer.status).toBe(400);
  });
});

describe("the buttons under the bot's words", () => {
  test("write what it quotes; what is to be filled in they begin", () => {
    const said =
      "Write “yes” if you agree, or “yes” and your country, such as “yes NL”. Your Space “Third-party chats” is gone. " +
      "Write “start-chat whatsapp …” with a number, or “block <network> <whom>”.";
    expect(commandsIn(said)).toEqual([
      { text: "yes", whole: true },
      { text: "yes NL", whole: true },
      { text: "start-chat whatsapp ", whole: false },
      { text: "block ", whole: false },
    ]);
  });

  test("are no keys of the configuration", () => {
    expect(
      commandsIn("Write “settings” again. The administrator sets “provisioning.url” elsewhere."),
    ).toEqual([{ text: "settings", whole: true }]);
  });

  test("do not repeat a word that the bot did not know", () => {
    expect(commandsIn("I do not know “into”. Write “help” to see what I can do.", "Into the dark")).toEqual([
      { text: "help", whole: true },
    ]);
  });
});

describe("addresses in a text", () => {
  const followed = (text: string) =>
    addressesIn(text).flatMap((piece) => (piece.isAddress ? [piece.text] : []));

  test.each([
    ["Your settings: http://127.0.0.1:1/settings/#a-b_c\nThe link", ["http://127.0.0.1:1/settings/#a-b_c"]],
    ["(see https://example.org/a?b=1&c=2).", ["https://example.org/a?b=1&c=2"]],
    ["“https://a.test/x” and http://b.test!", ["https://a.test/x", "http://b.test"]],
    ["javascript:alert(1) data:text/html,x https://", []],
  ])("%j has %j", (text, expected) => {
    expect(followed(text)).toEqual(expected);
  });

  test("take nothing from the text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("https://a.b/c", " ", ".", "“", "x", "\n", "http://")),
        (parts) => {
          const text = parts.join("");
          expect(
            addressesIn(text)
              .map((piece) => piece.text)
              .join(""),
          ).toBe(text);
        },
      ),
    );
  });
});

describe("a link to a room", () => {
  test.each([
    ["https://matrix.to/#/!abc%3Ahome.test?via=home.test", "!abc:home.test"],
    ["https://matrix.to/#/!v12room", "!v12room"],
    ["https://matrix.to/#/!abc%3Ahome.test/$event?via=home.test", undefined],
    ["https://matrix.to/#/%23alias%3Ahome.test", undefined],
    ["https://matrix.to/#/%40wim%3Ahome.test", undefined],
    ["https://matrix.to/#/!%E0%A4%A", undefined],
    ["https://matrix.to.test/#/!abc", undefined],
  ])("%s leads to %s", (href, room) => {
    expect(roomIn(href)).toBe(room);
  });
});

describe("the text that the demo's client sends", () => {
  test.each([
    ["plain * text_with_marks", undefined],
    ["**Eight** it *is*", "<strong>Eight</strong> it <em>is</em>"],
    ["_so_ ~~not~~ `a < b`", "<em>so</em> <del>not</del> <code>a &lt; b</code>"],
    ['<b>"bold"</b> **yes**\nand', "&lt;b&gt;&quot;bold&quot;&lt;/b&gt; <strong>yes</strong><br>and"],
  ])("%j has this HTML: %j", (body, html) => {
    expect(textContent(body)).toEqual({
      msgtype: "m.text",
      body,
      ...(html === undefined ? {} : { format: "org.matrix.custom.html", formatted_body: html }),
    });
  });
});
