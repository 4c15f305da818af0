import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../src/config/load.ts";
import { networksConfig } from "../../../src/networks/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "moved-"));
const file = join(folder, "config.yaml");

const rest = `homeserver: { url: "http://127.0.0.1:8008", server_name: tpc.test }
appservice: { listen: 127.0.0.1:1 }
permissions: { tpc.test: user }
`;
const partner = "partner: { url: https://chats.tpc.test, listen: 127.0.0.1:2 }\n";
const present = `${rest}networks: { meta_interop: { ${partner.trim()} } }\n`;
const earlier = `${rest}${partner}identifiers: { "@ana:tpc.test": ana@tpc.test }\n`;

function load(text: string, environment: Record<string, string> = {}) {
  writeFileSync(file, text);
  return loadConfig({ file, networks: networksConfig, environment });
}

const lines = (all: readonly { readonly where: string; readonly words: string }[]) =>
  all.map(({ where, words }) => `${where.replace(file, "config.yaml")}: ${words}`);

function refusal(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    load(text, environment);
  } catch (error) {
    const [, ...words] = String(Object(error).words).split("\n");
    return words.map((line) => line.trim().replace(file, "config.yaml"));
  }
  return [];
}

describe("what stands at its earlier place", () => {
  test("counts as at the present one, and is told once what to write instead", () => {
    const { config, outdated, remarks } = load(earlier);
    expect(config.networks.meta_interop).toEqual({
      partner: {
        url: "https://chats.tpc.test",
        listen: { host: "127.0.0.1", port: 2 },
        identifier: "username",
        proxies: [],
      },
      identifiers: { "@ana:tpc.test": "ana@tpc.test" },
    });
    expect(config).not.toHaveProperty("partner");
    expect(remarks).toEqual([]);
    expect(lines(outdated)).toEqual([
      'config.yaml:4: partner has another place: write it as networks.meta_interop.partner, that is "partner:" with all its lines under "meta_interop:" under "networks:". Until then it counts as it is.',
      'config.yaml:5: identifiers has another place: write it as networks.meta_interop.identifiers, that is "identifiers:" with all its lines under "meta_interop:" under "networks:". Until then it counts as it is.',
    ]);
  });

  test("what the words say to write is the same configuration, of which nothing is told", () => {
    const moved = load(
      `${rest}networks:\n  meta_interop:\n    ${partner}    identifiers: { "@ana:tpc.test": ana@tpc.test }\n`,
    );
    expect(moved.config).toEqual(load(earlier).config);
    expect(moved.outdated).toEqual([]);
  });

  test("is an error where the present place has it too, also with other keys in it", () => {
    expect(refusal(`${present}${partner}`)).toEqual([
      "config.yaml:5: partner is written as networks.meta_interop.partner too. Keep that one and take this one out.",
    ]);
    expect(
      refusal(
        `${rest}partner: { url: "https://a.test" }\nnetworks: { meta_interop: { partner: { listen: "127.0.0.1:2" } } }`,
      ),
    ).toEqual([expect.stringContaining("config.yaml:4: partner is written as")]);
  });

  test("is told of under the name it was written by", () => {
    const wrong = (text: string) => refusal(`${rest}${text}`);
    expect(wrong("partner: { url: https://chats.tpc.test }")).toEqual([
      expect.stringMatching(
        /^config\.yaml:4: partner\.listen is missing\. .* Under partner: write "listen: /,
      ),
    ]);
    expect(wrong("partner: { url: ftp://chats.tpc.test, listen: 127.0.0.1:2, ulr: x }")).toEqual([
      expect.stringMatching(/^config\.yaml:4: partner\.url must be the address/),
      expect.stringMatching(/^config\.yaml:4: partner\.ulr is not a known key\. Did you mean "url"\?/),
    ]);
    expect(wrong(`${partner}identifiers: { "@ana:else.test": ana@tpc.test }`)).toEqual([
      "config.yaml:5: identifiers.@ana:else.test is not a Matrix id of tpc.test.",
    ]);
    expect(
      wrong(
        `partner: { url: https://chats.tpc.test, listen: 127.0.0.1:2, identifier: pn }\nidentifiers: { "@ana:tpc.test": ana@tpc.test }`,
      ),
    ).toEqual([
      "config.yaml:5: identifiers.@ana:tpc.test is not a phone number like +31612345678, which partner.identifier asks for.",
    ]);
  });

  test("leaves a fault of the section it belongs in to be told by itself", () => {
    expect(refusal(`${rest}${partner}networks: [whatsapp]`)).toEqual([
      expect.stringMatching(
        /^config\.yaml:5: networks must be a section with: meta_interop, .* It is a list\.$/,
      ),
    ]);
    expect(refusal(`${rest}${partner}networks: { meta_interop: yes }`)).toEqual([
      expect.stringMatching(/^config\.yaml:5: networks\.meta_interop must be a section with: partner, ident/),
    ]);
  });

  test("a slip in its name leads to the present place", () => {
    const [words] = refusal(`${present}partnr: {}`);
    expect(words).toMatch(
      /^config\.yaml:5: partnr is not a known key\. Did you mean "networks\.meta_interop\.partner"\?/,
    );
  });

  test.each([
    [`${rest}networks:\n  meta_interop:\n  ${partner}`, "networks.partner", "networks.meta_interop.partner"],
    [`${present}meta_interop: {}\n`, "meta_interop", "networks.meta_interop"],
    [`${present}identifier: pn\n`, "identifier", "networks.meta_interop.partner.identifier"],
    [`${present}keep_days: 7\n`, "keep_days", "media.keep_days"],
  ])("%j has a key at the wrong depth, and the hint says where it belongs", (text, key, meant) => {
    expect(refusal(text).join("\n")).toContain(`: ${key} is not a known key. Did you mean "${meant}"?`);
  });

  test("takes the place of a value from a file like any other", () => {
    writeFileSync(join(folder, "address"), "https://chats.tpc.test\n");
    const named = earlier.replace("https://chats.tpc.test", "{ file: ./address }");
    expect(load(named).config).toEqual(load(earlier).config);
    expect(refusal(named.replace("./address", "./absent"))).toEqual([
      `config.yaml:4: partner.url names the file ${join(folder, "absent")}, which cannot be read. It is not there.`,
    ]);
  });
});

describe("variables", () => {
  const url = "https://other.tpc.test";
  test.each([
    ["BRIDGE_PARTNER__URL", earlier, 3],
    ["BRIDGE_PARTNER__URL", present, 1],
    ["BRIDGE_NETWORKS__META_INTEROP__PARTNER__URL", earlier, 2],
    ["BRIDGE_NETWORKS__META_INTEROP__PARTNER__URL", present, 0],
  ])("%s counts before what a file has at whichever place", (variable, text, told) => {
    const { config, outdated } = load(text, { [variable]: url });
    expect(config.networks.meta_interop?.partner).toMatchObject({ url, listen: { port: 2 } });
    expect(outdated).toHaveLength(told);
  });

  test("of an earlier name are told their present one", () => {
    writeFileSync(join(folder, "url"), url);
    const { outdated } = load(present, {
      BRIDGE_IDENTIFIERS: "{}",
      BRIDGE_PARTNER__URL_FILE: join(folder, "url"),
    });
    expect(lines(outdated)).toEqual([
      "BRIDGE_IDENTIFIERS: has another name: call it BRIDGE_NETWORKS__META_INTEROP__IDENTIFIERS. Until then it counts as it is.",
      "BRIDGE_PARTNER__URL_FILE: has another name: call it BRIDGE_NETWORKS__META_INTEROP__PARTNER__URL_FILE. Until then it counts as it is.",
    ]);
  });

  test.each(["BRIDGE_NETWORKS__META_INTEROP__PARTNER__URL", "BRIDGE_NETWORKS__META_INTEROP__PARTNER"])(
    "of both names at once are an error: %s",
    (variable) => {
      const value = variable.endsWith("URL") ? url : `{ url: ${url}, listen: "127.0.0.1:2" }`;
      expect(
        refusal(rest, { BRIDGE_PARTNER: `{ url: ${url}, listen: "127.0.0.1:2" }`, [variable]: value }),
      ).toEqual([`BRIDGE_PARTNER: sets what ${variable} sets too. Keep that one and take this one out.`]);
    },
  );

  test("for all networks leave alone what the file has at the earlier place", () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const { config } = load(earlier, {
      BRIDGE_NETWORKS: `{ whatsapp: { url: "https://gate.tpc.test", root_key: "${key}" } }`,
    });
    expect(config.networks.whatsapp?.url).toBe("https://gate.tpc.test");
    expect(config.networks.meta_interop?.partner.url).toBe("https://chats.tpc.test");
  });

  test("a section's comes before that of a value in it, in whichever order they are set", () => {
    const section = `{ url: "https://a.tpc.test", listen: "127.0.0.1:2" }`;
    const set = { BRIDGE_PARTNER__URL: url, BRIDGE_PARTNER: section };
    expect(load(rest, set).config.networks.meta_interop?.partner.url).toBe(url);
  });

  test("faults in what they set are told with their name", () => {
    expect(refusal(present, { BRIDGE_PARTNER__LISTEN: "nowhere" })).toEqual([
      expect.stringMatching(/^BRIDGE_PARTNER__LISTEN: partner\.listen must be an address and port/),
    ]);
    expect(refusal(present, { BRIDGE_PARTNER__ULR: "x" })).toEqual([
      "BRIDGE_PARTNER__ULR: sets nothing the configuration has. Did you mean BRIDGE_PARTNER__URL?",
    ]);
  });
});
