import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../../src/core/model/errors.ts";
import {
  readHomeserver,
  readNetworks,
  readSynapse,
  readUsers,
  readYesNo,
} from "../../../src/program/init/answers.ts";

const offered = ["whatsapp", "messenger", "signal"];
const played = ["whatsapp", "messenger"];

describe("an answer to init", () => {
  test.each([
    ["example.org", { serverName: "example.org" }],
    ["@ana:example.org", { serverName: "example.org" }],
    ["example.org:8448", { serverName: "example.org:8448" }],
    ["@ana:example.org:8448", { serverName: "example.org:8448" }],
    ["[::1]:8448", { serverName: "[::1]:8448" }],
    ["http://127.0.0.1:8008/", { address: "http://127.0.0.1:8008" }],
    ["https://Example.org/matrix/", { address: "https://example.org/matrix" }],
    ["home.test, http://127.0.0.1:8008", { serverName: "home.test", address: "http://127.0.0.1:8008" }],
    ["http://127.0.0.1:8008 home.test", { serverName: "home.test", address: "http://127.0.0.1:8008" }],
  ])("about the homeserver: %s", (text, meant) => expect(readHomeserver(text)).toEqual(meant));

  test.each([
    "",
    "a.test b.test",
    "http://a.test http://b.test",
    "exa mple",
    "ftp://a.test",
    "http://a@b.test",
    "-",
    "a_b!",
  ])("about the homeserver that cannot be one: %j", (text) =>
    expect(() => readHomeserver(text)).toThrow(BridgeError),
  );

  test.each([
    ["all", { "home.test": "user" }],
    ["ALL", { "home.test": "user" }],
    ["@ana:home.test", { "@ana:home.test": "admin" }],
    ["@ana, @bo:home.test all", { "@ana:home.test": "admin", "@bo:home.test": "user", "home.test": "user" }],
    ["@ana @ana", { "@ana:home.test": "admin" }],
  ])("about who may use it: %s", (text, meant) => expect(readUsers(text, "home.test")).toEqual(meant));

  test.each(["", " , ", "@ana:other.test", "@:home.test", "all of home.test", "ana"])(
    "about who may use it that names nobody here: %j",
    (text) => expect(() => readUsers(text, "home.test")).toThrow(BridgeError),
  );

  test.each([
    ["sandbox", { kind: "sandbox", beside: [] }],
    ["signal, sandbox", { kind: "sandbox", beside: ["signal"] }],
    ["WhatsApp", { kind: "networks", ids: ["whatsapp"] }],
    ["messenger, whatsapp messenger", { kind: "networks", ids: ["messenger", "whatsapp"] }],
  ])("about networks: %s", (text, meant) => expect(readNetworks(text, offered, played)).toEqual(meant));

  test.each(["", "threema", "sandbox whatsapp", "signal sandbox messenger"])(
    "about networks that are not to be had: %j",
    (text) => expect(() => readNetworks(text, offered, played)).toThrow(BridgeError),
  );

  test("about Synapse and about yes or no", () => {
    expect(readSynapse("matrix-synapse")).toEqual({ kind: "account", account: "matrix-synapse" });
    expect(readSynapse("container")).toEqual({ kind: "container" });
    expect(() => readSynapse("-u")).toThrow(BridgeError);
    expect([readYesNo("Yes"), readYesNo("n")]).toEqual([true, false]);
    expect(() => readYesNo("perhaps")).toThrow(BridgeError);
  });

  test("is taken or refused with words, whatever it is", () => {
    const reads = [
      readHomeserver,
      (text: string) => readUsers(text, "home.test"),
      (text: string) => readNetworks(text, offered, played),
      readSynapse,
      readYesNo,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...reads), fc.string({ unit: "binary" }), (read, text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BridgeError);
        }
      }),
    );
  });
});
