import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { pushAddress } from "../../../src/sandbox/chat/push.ts";
import { checkConfig, loadConfig } from "../../../src/sandbox/config.ts";
import { inEea } from "../../../src/sandbox/partner/eea.ts";
import { x25519Thumbprint } from "../../../src/sandbox/partner/thumbprint.ts";
import { serverTime } from "../../../src/sandbox/state/server-time.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

describe("the sandbox's configuration", () => {
  test("has defaults: loopback, a free port, two integrators, nothing kept", () => {
    const config = checkConfig(undefined);
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 0 });
    expect(config.data).toBe(":memory:");
    expect(config.integrators.map(({ id }) => id)).toEqual([12, 13]);
  });

  test("the sample is right, and agrees with the defaults on who we are", () => {
    const sample = loadConfig("config/sandbox.sample.yaml");
    expect(sample.integrators[0]).toEqual(checkConfig({}).integrators[0]);
  });

  test("paths count from the configuration's folder, wherever the sandbox is started", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "sandbox.yaml");
    writeFileSync(file, "data: ./kept/sandbox.db\nlog: {file: sandbox.log}\n");
    const { data, log } = loadConfig(file);
    expect([data, log.file]).toEqual([
      join(folder.path, "kept", "sandbox.db"),
      join(folder.path, "sandbox.log"),
    ]);
    writeFileSync(file, "data: ':memory:'\n");
    expect(loadConfig(file).data).toBe(":memory:");
  });

  test.each([
    [{ lisen: {} }, "lisen"],
    [{ listen: { port: 99_999 } }, "listen.port"],
    [{ integrators: [{ id: 0, name: "x", iss: "http://x", identifier_type: "pn" }] }, "integrators[0].id"],
    [{ integrators: [{ id: 1, name: "x", iss: "ftp://x", identifier_type: "pn" }] }, "integrators[0].iss"],
    [
      { integrators: [1, 1].map((id) => ({ id, name: "x", iss: "http://x", identifier_type: "pn" })) },
      "two integrators share an id",
    ],
  ])("names what is wrong in %j", (config, words) => {
    expect(() => checkConfig(config)).toThrow(words);
  });
});

test("who is in the EEA, as far as a token says", () => {
  expect(inEea({ idt: "pn", sub: "+31612345678" })).toBe(true);
  expect(inEea({ idt: "pn", sub: "+12025550123" })).toBe(false);
  expect(inEea({ idt: "username", sub: "@a:b" })).toBe(true);
  expect(inEea({ idt: "username", sub: "@a:b", country: "us" })).toBe(false);
});

test("server times never repeat nor run back", () => {
  const clock = [5, 5, 3, 9];
  const next = serverTime(() => clock.shift() ?? 0);
  expect([next(), next(), next(), next()]).toEqual([5000, 5001, 5002, 9000]);
});

test("the thumbprint of an X25519 key (RFC 7638 over RFC 8037 members)", () => {
  // RFC 8037, appendix A.6 gives this public key; the hash is over {"crv","kty","x"} in this order.
  const x = Buffer.from("3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", "base64url");
  expect(x25519Thumbprint(x)).toHaveLength(43);
  expect(x25519Thumbprint(x)).not.toBe(x25519Thumbprint(new Uint8Array(32)));
});

test("a push goes to the profile's path unless the address names it", () => {
  expect(pushAddress("http://a:1")).toBe("http://a:1/interop/push");
  expect(pushAddress("http://a:1/interop/push")).toBe("http://a:1/interop/push");
});
