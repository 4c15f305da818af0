import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { findHomeserver } from "../../../src/matrix/discovery/discovery.ts";
import { isNear, systemWeb, type Web, type WebAnswer } from "../../../src/matrix/discovery/web.ts";

const around: Server[] = [];
afterEach(() => {
  for (const server of around.splice(0)) server.close();
});

/** What a server on this machine answers, by path; anything else is not there. */
async function serve(answers: Readonly<Record<string, unknown>>): Promise<string> {
  const listener: RequestListener = ({ url = "" }, response) => {
    const path = Object.keys(answers).find((each) => url.startsWith(each));
    response.statusCode = path === undefined ? 404 : 200;
    response.end(JSON.stringify(path === undefined ? { errcode: "M_UNRECOGNIZED" } : answers[path]));
  };
  const server = createServer(listener);
  around.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const versions = { "/_matrix/client/versions": { versions: ["v1.17"] } };
const named = (name: string) => ({ "/_matrix/key/v2/server": { server_name: name } });

type Page = Partial<Extract<WebAnswer, { readonly kind: "answer" }>>;

interface Pages {
  readonly pages?: Readonly<Record<string, Page>>;
  readonly hosts?: Readonly<Record<string, string>>;
}

/** The web with these pages on the Internet; what is on this machine is really asked. */
const webOf = ({ pages = {}, hosts = {} }: Pages): Web => ({
  get: async (url) => {
    const page = pages[url];
    if (page !== undefined)
      return { kind: "answer", status: 200, location: undefined, body: undefined, ...page };
    if (url.startsWith("http://127.0.0.1:8008/") || !url.startsWith("http://127.0.0.1:"))
      return { kind: "silence", code: "ECONNREFUSED" };
    return systemWeb.get(url);
  },
  addressesOf: async (host) => {
    const address = hosts[host];
    return address === undefined ? systemWeb.addressesOf(host) : [address];
  },
});

const wellKnown = "https://home.test/.well-known/matrix/client";
const pointingTo = (base_url: unknown): Pages => ({
  pages: { [wellKnown]: { body: { "m.homeserver": { base_url } } } },
  // As at home, where the name leads to the machine itself.
  hosts: { "home.test": "192.168.1.5" },
});

const words = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "found",
    (error: unknown) => String(Object(error).words ?? error),
  );

describe("a homeserver", () => {
  test("is found by its name's well-known file, redirects followed, and its true name is its keys'", async () => {
    const url = await serve({
      ...versions,
      ...named("home.test"),
      "/_matrix/federation/v1/version": { server: { name: "Synapse", version: "1.163.2" } },
    });
    const { pages } = pointingTo(`${url}/`);
    const moved = "https://www.home.test/mx";
    const web = webOf({
      pages: { [wellKnown]: { status: 301, location: moved }, [moved]: pages?.[wellKnown] ?? {} },
      hosts: { "home.test": "10.0.0.1" },
    });
    expect(await findHomeserver({ serverName: "home.test" }, web)).toEqual({
      url,
      serverName: "home.test",
      identity: { name: "Synapse", version: "1.163.2" },
      how: `by ${wellKnown}`,
    });
  });

  test("on this machine is used before the way round by the Internet", async () => {
    const url = await serve({ ...versions, ...named("home.test") });
    const web = webOf(pointingTo("https://matrix.home.test"));
    expect(await findHomeserver({ serverName: "home.test" }, web, url)).toMatchObject({
      url,
      how: "on this machine",
    });
    const other = await serve({ ...versions, ...named("other.test") });
    expect(await words(findHomeserver({ serverName: "home.test" }, web, other))).toContain(
      "matrix.home.test",
    );
  });

  test("by its address alone tells its own name, or the person is asked for it", async () => {
    const url = await serve({ ...versions, ...named("home.test") });
    expect(await findHomeserver({ address: url })).toMatchObject({ url, serverName: "home.test" });
    const silent = await serve(versions);
    expect(await words(findHomeserver({ address: silent }))).toBe(
      `The homeserver at ${silent} does not say its server_name there, as it serves no federation. Give the name too, as in “example.org ${silent}”.`,
    );
    expect(await findHomeserver({ address: silent, serverName: "home.test" }, webOf({}))).toMatchObject({
      serverName: "home.test",
    });
  });

  test("of another name than the one given is refused with its own", async () => {
    const url = await serve({ ...versions, ...named("other.test") });
    expect(await words(findHomeserver({ address: url, serverName: "home.test" }))).toBe(
      `The homeserver at ${url} is other.test, not home.test. Matrix ids there end in :other.test; give that name, or another address.`,
    );
  });

  test("whose federation is elsewhere is known by what its name leads to", async () => {
    const url = await serve(versions);
    const web = webOf({
      pages: {
        "https://home.test/.well-known/matrix/server": { body: { "m.server": "fed.test:443" } },
        "https://fed.test:443/_matrix/key/v2/server": { body: { server_name: "other.test" } },
      },
      hosts: { "home.test": "9.9.9.9", "fed.test": "9.9.9.9" },
    });
    expect(await words(findHomeserver({ address: url, serverName: "home.test" }, web))).toBe(
      "What home.test leads to is the homeserver other.test, not home.test. Correct the name.",
    );
  });

  test("that is an old Synapse is refused before anything is set up", async () => {
    const url = await serve({
      ...versions,
      ...named("home.test"),
      "/_matrix/federation/v1/version": { server: { name: "Synapse", version: "1.98.0" } },
    });
    expect(await words(findHomeserver({ address: url }))).toMatch(
      /^This is Synapse 1\.98\.0\. 1\.141 or newer/,
    );
  });

  test("that is away, or is none, is told as that", async () => {
    expect(await words(findHomeserver({ address: "http://127.0.0.1:1" }))).toBe(
      "The homeserver does not answer at http://127.0.0.1:1. Start it, or correct the address.",
    );
    const none = await serve({});
    expect(await words(findHomeserver({ address: none }))).toBe(
      `What answers at ${none} is not a Matrix homeserver. Correct the address.`,
    );
    expect(await words(findHomeserver({ serverName: "home.invalid" }, webOf({})))).toBe(
      "home.invalid was not found: https://home.invalid/.well-known/matrix/client does not answer (ECONNREFUSED), nor does a homeserver of that name answer at http://127.0.0.1:8008 or https://home.invalid. Correct the name, or give the homeserver's address too, as in “home.invalid http://127.0.0.1:8008”.",
    );
  });
});

describe("a well-known file", () => {
  test.each([
    ["is no JSON", {}, `${wellKnown} is not JSON.`],
    ["names nobody", { body: { "m.homeserver": {} } }, `${wellKnown} names no homeserver.`],
    ["names a number", { body: { "m.homeserver": { base_url: 7 } } }, `${wellKnown} names no homeserver.`],
    [
      "names no address",
      { body: { "m.homeserver": { base_url: "matrix.home.test" } } },
      `${wellKnown} names “matrix.home.test” as the homeserver, which is no http(s) address.`,
    ],
    ["is an error", { status: 503 }, `${wellKnown} answers with status 503.`],
    [
      "sends people to itself",
      { status: 302, location: "/.well-known/matrix/client" },
      `${wellKnown} sends whoever asks from one address to the next without an end.`,
    ],
    [
      "sends people to plain http",
      { status: 302, location: "http://home.test/" },
      `${wellKnown} sends whoever asks to “http://home.test/”, which is no https address.`,
    ],
    [
      "sends people where nobody answers",
      { status: 302, location: "https://gone.test/" },
      `${wellKnown} sends whoever asks to https://gone.test/, which does not answer (ECONNREFUSED).`,
    ],
  ] as const)("that %s is told as that, with what to do", async (_, page, expected) => {
    const web = webOf({ pages: { [wellKnown]: page } });
    const told = await words(findHomeserver({ serverName: "home.test" }, web));
    expect(told).toContain(expected);
    expect(told).toMatch(/(Mend|give the homeserver's address itself)/);
  });

  test("that sends people through ever more addresses is given up", async () => {
    let asked = 0;
    const web: Web = {
      ...webOf({}),
      get: async (url) => {
        if (!url.startsWith("https://home.test")) return { kind: "silence", code: "ECONNREFUSED" };
        asked += 1;
        return { kind: "answer", status: 302, location: `https://home.test/${asked}`, body: undefined };
      },
    };
    expect(await words(findHomeserver({ serverName: "home.test" }, web))).toContain("without an end");
    expect(asked).toBeLessThan(10);
  });

  test.each([
    ["a loopback address", "http://127.0.0.1:8448", "127.0.0.1 (127.0.0.1)"],
    ["a private one by name", "https://inside.test", "inside.test (10.1.2.3)"],
    ["one of IPv6", "https://[fd00::1]", "[fd00::1] (fd00::1)"],
  ])("on the Internet that names %s is not followed", async (_, base, shown) => {
    const web = webOf({
      ...pointingTo(base),
      hosts: { "home.test": "9.9.9.9", "inside.test": "10.1.2.3" },
    });
    expect(await words(findHomeserver({ serverName: "home.test" }, web))).toBe(
      `${wellKnown} names ${shown}, an address of this machine or a private network, though the file itself is on the Internet. If that is your homeserver, give its address itself.`,
    );
  });

  test("larger than the specification lets clients read counts as no JSON", async () => {
    const url = await serve({ "/big": { filler: "x".repeat(60_000) }, "/small": { a: 1 } });
    expect(await systemWeb.get(`${url}/big`)).toMatchObject({ status: 200, body: undefined });
    expect(await systemWeb.get(`${url}/small`)).toMatchObject({ status: 200, body: { a: 1 } });
  });
});

test.each([
  ["127.0.0.1", true],
  ["172.31.255.255", true],
  ["169.254.1.1", true],
  ["100.64.0.1", true],
  ["::1", true],
  ["fe80::1", true],
  ["::ffff:10.0.0.1", true],
  ["172.32.0.1", false],
  ["9.9.9.9", false],
  ["2620:fe::fe", false],
])("%s is of a private network: %s", (address, near) => {
  expect(isNear(address)).toBe(near);
});
