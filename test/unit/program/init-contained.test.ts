import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import type { NetworksAnswer, SynapseAnswer } from "../../../src/program/init/answers.ts";
import { DataFolder } from "../../../src/program/init/data-folder.ts";
import { layOut } from "../../../src/program/init/lay-out.ts";
import { reportWords } from "../../../src/program/init/report.ts";
import { synapseSide, usualSynapse } from "../../../src/program/init/synapse-side.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

const identity = { name: "Synapse", version: "1.163.2" };
const homeserver = { url: "http://synapse:8008", serverName: "home.test", identity, how: "there" };
const nowhereElse = { listen: undefined, url: undefined, provisioning: undefined };

/** What `init` writes and says where it runs in a container, Synapse in another or on another machine. */
async function setUp(networks: NetworksAnswer, synapse: SynapseAnswer = { kind: "container" }) {
  const path = join(folder.path, "data");
  using data = new DataFolder(path);
  const side = synapseSide(synapse, undefined, true);
  const permissions = { "home.test": "user" } as const;
  const gathered = { homeserver, permissions, networks, running: undefined, side, unit: false };
  const report = await layOut(gathered, data, { ...nowhereElse, contained: true });
  const read = (name: string): unknown => parse(readFileSync(join(path, name), "utf8"));
  return { report, config: read("config.yaml"), read, words: reportWords(report) };
}

const everywhere = expect.stringMatching(/^0\.0\.0\.0:\d+$/);
const within = expect.stringMatching(/^127\.0\.0\.1:\d+$/);

describe("init in a container", () => {
  test("listens where published ports lead, and for the health check within, and says which to publish", async () => {
    const { report, config, words } = await setUp({ kind: "networks", ids: ["whatsapp"] });
    expect(config).toMatchObject({
      appservice: { listen: everywhere, url: expect.stringMatching(/^http:\/\/bridge:\d+$/) },
      networks: { meta_interop: { partner: { listen: everywhere } } },
      health: { listen: within },
      provisioning: { listen: everywhere },
    });
    const port = (what: string) => report.addresses[what]?.port;
    const flags = ["for the networks' servers", "for people's browsers"].map(
      (what) => `-p 127.0.0.1:${port(what)}:${port(what)}`,
    );
    expect(words).toContain(`${flags.join(" ")}.`);
    expect(words).not.toContain(`127.0.0.1:${port("health and metrics")}:`);
    expect(words).toContain(`open the settings page at http://127.0.0.1:${port("for people's browsers")}.`);
  });

  test("has the sandbox's phones where a browser outside reaches them, its servers within, and Signal beside it", async () => {
    const { report, config, read, words } = await setUp({ kind: "sandbox", beside: ["signal"] });
    const { host, port } = report.addresses["sandbox"] ?? {};
    expect(host).toBe("0.0.0.0");
    expect(read("sandbox.yaml")).toMatchObject({
      listen: { host: "0.0.0.0", port },
      integrators: [{ iss: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }],
    });
    expect(config).toMatchObject({ networks: { whatsapp: { root_key: expect.any(String) }, signal: {} } });
    expect(words).toContain(`http://127.0.0.1:${port}/phone/ shows their phone`);
    expect(words).toContain(`-p 127.0.0.1:${port}:${port}`);
  });

  test("with Synapse within is as on a machine", async () => {
    const account = String(process.getuid?.());
    const { config, words } = await setUp(
      { kind: "networks", ids: ["whatsapp"] },
      { kind: "account", account },
    );
    expect(config).toMatchObject({
      appservice: { listen: within },
      networks: { meta_interop: { partner: { listen: within } } },
      provisioning: { listen: within },
    });
    expect(words).not.toContain("-p 127.0.0.1");
  });

  test("takes Synapse to be in another, and says what to do where it is on another machine", async () => {
    expect(usualSynapse(undefined, "http://synapse:8008", true)).toBe("container");
    expect(usualSynapse(undefined, "http://127.0.0.1:8008", true)).not.toBe("container");
    expect(usualSynapse(undefined, "http://synapse:8008", false)).not.toBe("container");
    const { config, words } = await setUp({ kind: "networks", ids: ["whatsapp"] }, { kind: "elsewhere" });
    expect(config).toMatchObject({ appservice: { listen: everywhere } });
    expect(words).toContain("is the container's: publish the bridge's port, and write the address");
  });
});
