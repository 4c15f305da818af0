import { expect, test } from "@jest/globals";
import { parseConfig } from "../../../src/config/load.ts";
import { networksConfig } from "../../../src/networks/registry.ts";

const good = `homeserver: { url: "http://127.0.0.1:8008", server_name: tpc.test }
appservice: { listen: 127.0.0.1:1 }
partner: { url: https://chats.tpc.test, listen: 127.0.0.1:2 }
permissions: { tpc.test: user }
`;

/** The lines of the refusal. */
function refusal(text: string, environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(text, { file: "config.yaml", networks: networksConfig, environment });
    return [];
  } catch (error) {
    return String(Object(error).words).split("\n").slice(1);
  }
}

test.each([
  ["127.0.0.1", "127.0.0.1", true],
  ["0.0.0.0", "127.0.0.1", true],
  ["10.0.0.7", "0.0.0.0", true],
  ["[::]", "127.0.0.1", true],
  ["0.0.0.0", "[::]", true],
  ["0.0.0.0", "[::1]", false],
  ["10.0.0.7", "127.0.0.1", false],
])("of one port at %s and at %s only one can be had: %s", (one, other, shared) => {
  const lines = refusal(good, {
    BRIDGE_PARTNER__LISTEN: `${one}:4000`,
    BRIDGE_HEALTH__LISTEN: `${other}:4000`,
  });
  expect(lines).toEqual(
    shared
      ? [expect.stringContaining("health.listen is the address of partner.listen; give each its own port.")]
      : [],
  );
});

test.each(["http://ana:secret@127.0.0.1:8008", "http://127.0.0.1:8008/?a=1", "http://127.0.0.1:8008/#a"])(
  "%s as an address is refused, unrepeated",
  (url) => {
    const words = /must be .* as an http\(s\) URL without user name, \? or #, for example/;
    for (const variable of ["BRIDGE_HOMESERVER__URL", "BRIDGE_APPSERVICE__URL", "BRIDGE_PARTNER__URL"]) {
      const lines = refusal(good, { [variable]: url });
      expect(lines).toEqual([expect.stringMatching(words)]);
      expect(lines.join()).not.toContain("secret");
    }
  },
);
