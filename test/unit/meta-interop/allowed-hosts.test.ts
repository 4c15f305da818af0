import { beforeEach, expect, test } from "@jest/globals";
import { readAccount, writeAccount } from "../../../src/networks/meta-interop/account/account.ts";
import { AllowedHosts } from "../../../src/networks/meta-interop/account/allowed-hosts.ts";
import { networkSection } from "../../../src/networks/meta-interop/config.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";

const profile = { id: "whatsapp", name: "WhatsApp" } as ConstructorParameters<
  typeof AllowedHosts
>[0]["profile"];
const logged: [string, object][] = [];
const log = {
  error: (words: string, fields: object = {}) => void logged.push([words, fields]),
  warn() {},
  info() {},
  debug() {},
};
beforeEach(() => {
  logged.length = 0;
});

/** Whether somebody whose network is configured so may be sent to the address. */
function allows(url: string, address: string, allowed_hosts: readonly string[] = []): boolean {
  const section = { url, allowed_hosts: [...allowed_hosts] };
  try {
    new AllowedHosts({ profile, section, log }).require(address);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ reason: "forbidden", certain: true, retryAfter: undefined });
    return false;
  }
}

const own = "https://interop.example.com/whatsapp";

test.each([
  "wss://interop.example.com/chat",
  "https://interop.example.com:8443/media",
  "https://INTEROP.example.com/",
])("%s is the network's own", (address) => {
  expect(allows(own, address)).toBe(true);
  expect(logged).toEqual([]);
});

test.each([
  "wss://evil.example/chat",
  "wss://interop.example.com.evil.example/",
  "wss://evil-interop.example.com/",
  "wss://chat.interop.example.com/",
  "wss://example.com/",
  "wss://interop.example.com./",
  "wss://interop.example.com@evil.example/",
  "wss://user:secret@interop.example.com/",
  "https://127.0.0.1/",
  "https://[::1]/",
  "https://169.254.169.254/latest",
  "wss://іnterop.example.com/",
  "not an address",
])("%s is not, and the administrator reads why", (address) => {
  expect(allows(own, address)).toBe(false);
  expect(logged).toEqual([
    [
      expect.stringContaining("nothing was connected"),
      expect.objectContaining({ network: "whatsapp", key: "networks.whatsapp.allowed_hosts" }),
    ],
  ]);
});

test("no address without encryption is taken from one that has it", () => {
  expect(allows(own, "ws://interop.example.com/chat")).toBe(false);
  expect(allows(own, "http://interop.example.com/media")).toBe(false);
  expect(allows(own, "ws://chat.example.com/", ["chat.example.com"])).toBe(false);
  expect(allows("http://gate.example/w", "ws://gate.example/chat")).toBe(true);
  expect(allows("http://gate.example/w", "wss://gate.example/chat")).toBe(true);
});

test("the section's own hosts are allowed, and with “*.” what is under one", () => {
  const hosts = ["Chat.example.net", "*.media.example.net", "192.0.2.7"];
  for (const host of ["chat.example.net", "a.media.example.net", "a.b.media.example.net:444", "192.0.2.7"]) {
    expect([host, allows(own, `https://${host}/x`, hosts)]).toEqual([host, true]);
  }
  for (const host of ["media.example.net", "evilmedia.example.net", "x.chat.example.net", "192.0.2.8"]) {
    expect([host, allows(own, `https://${host}/x`, hosts)]).toEqual([host, false]);
  }
});

test("this machine's names are one host, for a gatekeeper that runs on it", () => {
  for (const host of ["127.0.0.1:9", "localhost:9", "[::1]:9"]) {
    expect(allows("http://localhost:29350/whatsapp", `ws://${host}/chat`)).toBe(true);
  }
  expect(allows("http://127.0.0.1:29350/whatsapp", "ws://127.0.0.1.evil.example/chat")).toBe(false);
});

test.each([
  ["https://a.example"],
  ["*"],
  ["*.*.example"],
  ["a.example/path"],
  ["a b"],
  [""],
  ["a.example:443"],
])("%j is no entry of the list", (entry) => {
  const root_key = Buffer.alloc(32).toString("hex");
  expect(networkSection.safeParse({ url: own, root_key, allowed_hosts: [entry] }).success).toBe(false);
  expect(networkSection.parse({ url: own, root_key }).allowed_hosts).toEqual([]);
});

test("an account of before on a host that is not allowed is not connected, and its person is told why", async () => {
  await using pair = await InteropPair.start(realClock);
  const elsewhere = { ...readAccount(pair.login.account), chatUrl: "ws://chat.invalid/chat" };
  const client = pair.network.connect({ ...pair.login, account: writeAccount(elsewhere) }, pair.sink);
  const state = await pair.sink.until("the refusal", () =>
    pair.sink.states.find(({ kind }) => kind === "refused" || kind === "waiting"),
  );
  expect(state).toMatchObject({
    kind: "refused",
    words: expect.stringMatching(/chat\.invalid.*nothing was connected.*networks\.whatsapp\.allowed_hosts/),
  });
  await client[Symbol.asyncDispose]();
});

test("an account's files are not fetched from a host that is not allowed", async () => {
  await using pair = await InteropPair.start(realClock);
  const elsewhere = { ...readAccount(pair.login.account), mediaUrl: "http://media.invalid/m" };
  const client = pair.network.connect({ ...pair.login, account: writeAccount(elsewhere) }, pair.sink);
  await expect(client.openMedia?.("{}")).rejects.toMatchObject({
    reason: "forbidden",
    words: expect.stringContaining("media.invalid"),
  });
  await client[Symbol.asyncDispose]();
});
