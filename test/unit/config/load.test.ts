import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseConfig } from "../../../src/config/load.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { networksConfig } from "../../../src/networks/registry.ts";

const good = `homeserver:
  url: http://127.0.0.1:8008/
  server_name: example.org
appservice: { listen: "[::1]:29340" }
partner:
  url: http://127.0.0.1:29341
  listen: 127.0.0.1:29341
permissions:
  "example.org": user
`;

const folder = mkdtempSync(join(tmpdir(), "config-"));
const file = join(folder, "config.yaml");

const load = (text: string, environment: Record<string, string> = {}) =>
  parseConfig(text, { file, networks: networksConfig, environment });

/** The lines of the refusal, the file's name taken off. */
function refusal(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    load(text, environment);
  } catch (error) {
    if (error instanceof BridgeError)
      return error.words
        .split("\n")
        .slice(1)
        .map((line) => line.trim().replace(file, "config.yaml"));
    throw error;
  }
  return [];
}

describe("a good configuration", () => {
  test("has its defaults filled in and its paths made absolute, and cannot be changed", () => {
    const config = load(good);
    expect(config).toMatchObject({
      homeserver: { url: "http://127.0.0.1:8008", server_name: "example.org" },
      appservice: { listen: { host: "::1", port: 29340 }, url: "http://[::1]:29340", bot: "thirdparty" },
      database: join(folder, "bridge.db"),
      media: { folder: join(folder, "media"), keep_days: 30, keep_metadata: false, captions: "inside" },
      delivery: { statuses: "auto" },
      names: { contact: "{name} ({network})" },
      networks: { meta_interop: { partner: { identifier: "username" }, identifiers: {} } },
      logging: { level: "info", format: "text" },
    });
    expect(Object.isFrozen(config.homeserver)).toBe(true);
    expect(Object.isFrozen(config.appservice.listen)).toBe(true);
  });

  test("takes the media section and the second registration, with paths made absolute", () => {
    const config = load(
      `${good}media: { folder: /var/media, keep_days: 7 }\ndouble_puppet: { registration: ./second.yaml }\n`,
    );
    expect(config.media).toEqual({
      folder: "/var/media",
      keep_days: 7,
      keep_metadata: false,
      captions: "inside",
    });
    expect(config.double_puppet).toEqual({ registration: join(folder, "second.yaml") });
    expect(load(good).double_puppet).toBeUndefined();
    expect(load(good, { BRIDGE_MEDIA__KEEP_DAYS: "14" }).media.keep_days).toBe(14);
  });

  test.each([
    ["media: { keep_metadata: maybe }", /media\.keep_metadata must be true or false/],
    ["media: { keep_days: 0 }", /media\.keep_days must be a number of days from 1 to 365/],
    ["media: { keep_days: soon }", /media\.keep_days must be a number of days/],
    ["media: { directory: x }", /media\.directory .*folder/],
    ["double_puppet: {}", /double_puppet\.registration/],
    ['names: { contact: "{network}" }', /names\.contact must be how contacts are shown: \{name\}/],
    ['names: { contact: " {name} " }', /names\.contact must be how contacts are shown/],
  ])("%s is refused with words", (line, words) => {
    expect(refusal(`${good}${line}\n`).join("\n")).toMatch(words);
  });

  test("takes a network's section through the network's own schema", () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const config = load(
      `${good}networks: { whatsapp: { url: "https://gate.example/whatsapp", root_key: "${key}" } }`,
    );
    expect(config.networks.whatsapp).toMatchObject({ url: "https://gate.example/whatsapp", root_key: key });
    expect(config.networks.messenger).toBeUndefined();
  });

  test("reads a single value from the file it names, relative to the configuration", () => {
    writeFileSync(join(folder, "root.key"), `${Buffer.alloc(32, 9).toString("base64")}\n`);
    const config = load(
      `${good}networks: { messenger: { url: "https://gate.example", root_key: { file: root.key } } }`,
    );
    expect(config.networks.messenger?.root_key).toBe(Buffer.alloc(32, 9).toString("base64"));
  });

  test("treats a key without a value as left out", () => {
    expect(load(`${good}logging:\n  level:\nhealth:\n`).logging.level).toBe("info");
  });
});

describe("a bad configuration", () => {
  test("an unknown key is named with its line and the key that was meant", () => {
    expect(refusal(good.replace("server_name", "servername"))).toEqual([
      expect.stringMatching(
        /^config\.yaml:1: homeserver\.server_name is missing.*"server_name: example\.org"/,
      ),
      expect.stringMatching(
        /^config\.yaml:3: homeserver\.servername is not a known key\. Did you mean "server_name"\?/,
      ),
    ]);
  });

  test("a wrong type is named with its line and what is expected", () => {
    expect(refusal(good.replace("listen: 127.0.0.1:29341", "listen: 29341"))).toEqual([
      expect.stringMatching(
        /^config\.yaml:7: partner\.listen must be .*host:port, for example 127\.0\.0\.1:29341\. It is a number\./,
      ),
    ]);
    expect(refusal(`${good}logging: { level: inof }`)).toEqual([
      expect.stringMatching(/^config\.yaml:10: .*Did you mean "info"\?/),
    ]);
    expect(refusal(good.replace("user", "root"))).toEqual([
      expect.stringMatching(/^config\.yaml:9: permissions\.example\.org must be user or admin/),
    ]);
  });

  test("a section written as a single value is told its keys", () => {
    expect(refusal(`${good}health: 127.0.0.1:29342`)).toEqual([
      "config.yaml:10: health must be a section with: listen. What is written there is not one.",
    ]);
    expect(refusal(`${good}networks: { whatsapp: true }`)).toEqual([
      expect.stringMatching(
        /^config\.yaml:10: networks\.whatsapp must be a section with: .*root_key.* yes\/no value\.$/,
      ),
    ]);
    expect(refusal(`${good}logging: [info]`)).toEqual([
      expect.stringMatching(/^config\.yaml:10: logging must be a section with: level, .* It is a list\.$/),
    ]);
  });

  test("a file that is named and not there is one error, with the path that was tried", () => {
    const named = `${good}networks: { messenger: { url: "https://gate.example", root_key: { file: ./absent.key } } }`;
    expect(refusal(named)).toEqual([
      `config.yaml:10: networks.messenger.root_key names the file ${join(folder, "absent.key")}, which cannot be read. It is not there.`,
    ]);
    expect(refusal(named.replace("url: http:", "url: ftp:"))).toHaveLength(2);
  });

  test("everything missing is listed at once, each with what to write", () => {
    const words = refusal("# nothing yet\n");
    for (const key of [
      "homeserver.url",
      "homeserver.server_name",
      "appservice.listen",
      "networks.meta_interop.partner.url",
      "networks.meta_interop.partner.listen",
      "permissions",
    ]) {
      expect(words).toContainEqual(
        expect.stringMatching(
          new RegExp(`^config\\.yaml:1: ${key.replaceAll(".", "\\.")} is missing\\..*rite "`),
        ),
      );
    }
    expect(words).toHaveLength(6);
  });

  test("a wrong value is never repeated: it may be a secret", () => {
    const text = `${good}networks: { whatsapp: { url: "https://gate.example", root_key: hunter2hunter2 } }`;
    expect(refusal(text)).toEqual([
      expect.stringMatching(/^config\.yaml:10: networks\.whatsapp\.root_key must be/),
    ]);
    expect(refusal(text).join()).not.toContain("hunter2");
  });

  test("values that contradict each other are found", () => {
    expect(refusal(`${good}health: { listen: 127.0.0.1:29341 }`)).toEqual([
      expect.stringMatching(/^config\.yaml:10: health\.listen is the address of partner\.listen/),
    ]);
    const mail = good.replace("listen: 127.0.0.1:29341", "listen: 127.0.0.1:29341\n  identifier: email");
    const identifiers =
      'identifiers: { "@a:example.org": a@b.c, "@b:example.org": a@b.c, "@c:elsewhere.org": c@b.c, "@d:example.org": "+31612345678" }';
    expect(refusal(`${mail}${identifiers}`)).toEqual([
      expect.stringContaining("identifiers.@c:elsewhere.org is not a Matrix id of example.org"),
      expect.stringContaining("identifiers.@d:example.org is not an e-mail address"),
      expect.stringContaining("identifiers.@b:example.org has the value of another user"),
    ]);
    expect(refusal(good.replace('"example.org": user', '"not a server": user'))).toEqual([
      expect.stringMatching(/^config\.yaml:9: permissions\.not a server is neither/),
    ]);
  });

  test("a file that is not YAML is refused with the line and nothing else", () => {
    expect(refusal(`${good}homeserver: {}\n`)).toEqual([
      expect.stringMatching(/^config\.yaml:10: The YAML cannot be read here/),
    ]);
    expect(refusal("just words")).toEqual([expect.stringContaining("must be a list of sections")]);
    expect(
      refusal(
        "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]",
      ),
    ).toEqual([expect.stringContaining("aliases")]);
  });

  test("no text makes it do anything but load or refuse with words", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => good + tail),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const words = refusal(text);
          expect(words.every((line) => line.length > 0)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("the provisioning API is off unless its section is there, and its secret is not a short one", () => {
  expect(load(good).provisioning).toBeUndefined();
  const section = load(`${good}provisioning: { listen: 127.0.0.1:29343 }`).provisioning;
  expect(section).toMatchObject({ url: "http://127.0.0.1:29343", proxies: [] });
  expect(section?.shared_secret).toBeUndefined();
  const short = `${good}provisioning: { listen: 127.0.0.1:29343, shared_secret: short }`;
  expect(refusal(short)).toEqual([
    expect.stringContaining("provisioning.shared_secret must be a secret of at least 32"),
  ]);
});

describe("the environment", () => {
  test("overrides a value, and fills what the file lacks", () => {
    const config = load(good, {
      BRIDGE_HOMESERVER__URL: "https://matrix.example.org",
      BRIDGE_HEALTH__LISTEN: "127.0.0.1:1",
    });
    expect(config.homeserver.url).toBe("https://matrix.example.org");
    expect(config.health?.listen.port).toBe(1);
    expect(load(good, { BRIDGE_PERMISSIONS: '{"*": admin}' }).permissions).toEqual({ "*": "admin" });
  });

  test("takes a value from the file that _FILE names, and keeps logging.file a value", () => {
    writeFileSync(join(folder, "url"), "https://matrix.example.org\n");
    expect(load(good, { BRIDGE_HOMESERVER__URL_FILE: join(folder, "url") }).homeserver.url).toBe(
      "https://matrix.example.org",
    );
    expect(load(good, { BRIDGE_LOGGING__FILE: "x.log" }).logging.file).toBe(join(folder, "x.log"));
    expect(refusal(good, { BRIDGE_DATABASE_FILE: join(folder, "absent") })).toEqual([
      `BRIDGE_DATABASE_FILE: names the file ${join(folder, "absent")}, which cannot be read. It is not there.`,
    ]);
    const nameless = good.replace(/ {2}server_name.*\n/, "");
    expect(refusal(nameless, { BRIDGE_HOMESERVER__SERVER_NAME_FILE: join(folder, "absent") })).toEqual([
      expect.stringContaining("names the file"),
    ]);
  });

  test("a mistyped variable is an error, a foreign one is not", () => {
    expect(refusal(good, { BRIDGE_HOMSERVER__URL: "x" })).toEqual([
      "BRIDGE_HOMSERVER__URL: sets nothing the configuration has. Did you mean BRIDGE_HOMESERVER__URL?",
    ]);
    expect(refusal(good, { BRIDGE_OF_SIGHS: "x" })).toEqual([]);
  });

  test("a wrong value names the variable in place of a line", () => {
    expect(refusal(good, { BRIDGE_HOMESERVER__URL: "matrix" })).toEqual([
      expect.stringMatching(/^BRIDGE_HOMESERVER__URL: homeserver\.url must be/),
    ]);
  });
});
