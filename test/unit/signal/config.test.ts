import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { parseConfig } from "../../../src/config/load.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { networksConfig } from "../../../src/networks/registry.ts";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const around = `homeserver: { url: "http://127.0.0.1:8008", server_name: example.org }
appservice: { listen: "127.0.0.1:29340" }
permissions: { "example.org": user }
networks:
  signal:`;
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const server = {
  port: 18_443,
  zk_params: "AMhf5ywVwITZMsff/eCyudZx9JDmkkkbV6PInzG4p8x3",
  trust_roots: ["BXu6QIKVz5MA8gstzfOgRQGqyLqOwNKHL6INkv3IHWMF"],
};

function load(section: unknown, environment: Record<string, string> = {}) {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "signal-ca.pem"), `${certificate}\n`);
  const networks = {
    schema: z.strictObject({ signal: signalSection.optional() }),
    moved: [],
    contradictions: () => [],
  };
  const file = join(folder.path, "config.yaml");
  return parseConfig(`${around} ${JSON.stringify(section)}\n`, { file, networks, environment }).networks
    .signal;
}

function refusal(section: unknown, environment: Record<string, string> = {}): string {
  try {
    load(section, environment);
  } catch (error) {
    if (error instanceof BridgeError) return error.words;
    throw error;
  }
  return "";
}

describe("Signal's section of the configuration", () => {
  test("is Signal itself where nothing is written", () => {
    expect(load({})).toEqual({ server: "production", device_name: "Matrix bridge" });
  });

  test("is enough for a bridge: the third-party networks' own is not asked for where none of them is there", () => {
    const load = (networks: object) =>
      parseConfig(`${around.replace(/networks:\n  signal:/, "networks:")} ${JSON.stringify(networks)}\n`, {
        file: "/nowhere/config.yaml",
        networks: networksConfig,
        environment: {},
      }).networks;
    expect(load({ signal: {} })).toEqual({ signal: { server: "production", device_name: "Matrix bridge" } });
    expect(load({ signal: null })).toEqual(load({ signal: {} }));
    expect(load({ signal: null, whatsapp: null })).toEqual(load({ signal: {} }));
    const whatsapp = { url: "https://gate.tpc.test", root_key: "ab".repeat(32) };
    expect(() => load({ signal: {}, whatsapp })).toThrow("networks.meta_interop.partner.url is missing");
  });

  test("may name staging, also by the environment", () => {
    expect(load({ server: "staging" })?.server).toBe("staging");
    expect(load({}, { BRIDGE_NETWORKS__SIGNAL__SERVER: "staging" })?.server).toBe("staging");
  });

  test("may name a server of this machine, with the certificate in a file of its own", () => {
    const ca = { file: "./signal-ca.pem" };
    expect(load({ server: { ...server, ca } })?.server).toEqual({ ...server, ca: certificate });
  });

  test("says what is missing or wrong in it", () => {
    expect(refusal({ server: "produktion" })).toContain(
      "networks.signal.server must be which server: production (Signal itself), staging, or a section",
    );
    expect(refusal({ server })).toContain("networks.signal.server.ca is missing. It is the certificate");
    expect(refusal({ server: { ...server, ca: certificate, port: 0 } })).toContain(
      "networks.signal.server.port must be the port of the server on this machine",
    );
    expect(refusal({ server: { ...server, ca: "/etc/ca.pem" } })).toContain(
      "networks.signal.server.ca must be the certificate that its certificate is signed by, in PEM",
    );
    expect(refusal({ server: { ...server, ca: certificate, prot: 1 } })).toContain(
      'networks.signal.server.prot is not a known key. Did you mean "port"?',
    );
    const said = refusal({ server: { ...server, ca: certificate, zk_params: "!!", trust_roots: ["!!"] } });
    expect(said.match(/zk_params must be the server's public parameters/g)).toHaveLength(1);
    expect(said).toContain("networks.signal.server.trust_roots must be a list of the public keys, in base64");
    expect(said).not.toContain("Invalid");
    expect(refusal({ device_name: "" })).toContain("networks.signal.device_name must be the name");
  });
});
