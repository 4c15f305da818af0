import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readCommandLine } from "../../../src/config/command-line.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { networksConfig } from "../../../src/networks/registry.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

test.each(["docs/install.md", "docs/upgrade.md", "docs/install/playbook-tasks.yaml"])(
  "%s names the package of this version",
  (page) => {
    const named = [...readFileSync(page, "utf8").matchAll(/third-party-chats-(\d+\.\d+\.\d+)\.tgz/g)];
    expect(named.length).toBeGreaterThan(0);
    expect(new Set(named.map(([, each]) => each))).toEqual(new Set([version]));
  },
);

interface Service {
  readonly image: string;
  readonly volumes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

describe("the compose example", () => {
  const text = readFileSync("docs/install/compose.yaml", "utf8");
  const { services } = parse(text) as {
    services: Readonly<Record<"postgres" | "synapse" | "bridge", Service>>;
  };
  const { postgres, synapse, bridge } = services;

  test("gives the bridge nothing but its volume and its network", () => {
    expect(bridge).toMatchObject({
      user: "991:991",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      volumes: ["./bridge:/data"],
    });
  });

  test("sets values that the configuration has, over the sample's", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "config.yaml");
    writeFileSync(file, readFileSync("config/config.sample.yaml", "utf8"));
    const { config } = loadConfig({ file, networks: networksConfig, environment: bridge.environment });
    expect(config).toMatchObject({
      homeserver: { url: "http://synapse:8008" },
      appservice: { listen: { host: "0.0.0.0", port: 29_340 }, url: "http://bridge:29340" },
      networks: { meta_interop: { partner: { listen: { host: "0.0.0.0", port: 29_341 } } } },
      health: { listen: { host: "127.0.0.1", port: 29_342 } },
      provisioning: { listen: { host: "0.0.0.0", port: 29_343 } },
    });
  });

  test("shows Synapse both registrations where its lines for homeserver.yaml say", () => {
    const said = /app_service_config_files: \[(.*)\]/.exec(text)?.[1]?.split(", ");
    const shown = synapse.volumes.filter((volume) => volume.startsWith("./bridge/"));
    expect(shown.map((volume) => volume.split(":"))).toEqual([
      ["./bridge/registration.yaml", said?.[0], "ro"],
      ["./bridge/doublepuppet-registration.yaml", said?.[1], "ro"],
    ]);
  });

  test("gives Synapse the database that its lines for homeserver.yaml name", () => {
    const args = /args: (\{.*?\}) \}/.exec(text)?.[1];
    expect(parse(args ?? "")).toEqual({
      user: postgres.environment["POSTGRES_USER"],
      password: postgres.environment["POSTGRES_PASSWORD"],
      dbname: postgres.environment["POSTGRES_DB"],
      host: "postgres",
    });
    expect(Object.keys(synapse.depends_on ?? {})).toEqual(["postgres"]);
  });

  test("opens what the Containerfile says is there, and to this machine alone", () => {
    const exposed = /^EXPOSE (.*)$/m.exec(readFileSync("Containerfile", "utf8"))?.[1]?.split(" ") ?? [];
    for (const port of bridge.ports ?? []) {
      const [address, , inside] = port.split(":");
      expect([address, exposed.includes(inside ?? "")]).toEqual(["127.0.0.1", true]);
    }
  });
});

describe("the fragments for the playbook", () => {
  const tasksText = readFileSync("docs/install/playbook-tasks.yaml", "utf8");
  const variables = parse(readFileSync("docs/install/playbook-vars.yaml", "utf8")) as {
    matrix_synapse_container_extra_arguments: readonly string[];
    matrix_synapse_app_service_config_files: readonly string[];
  };

  test("call the program as it is called", () => {
    const calls = [...tasksText.matchAll(/\{\{ program \}\} ([^"]*)/g)].map(([, words = ""]) =>
      words.split(" "),
    );
    expect(calls.map((words) => readCommandLine(words).kind)).toEqual(["check-config", "register"]);
  });

  test("show Synapse's container the copies that the tasks make", () => {
    const mounts = variables.matrix_synapse_container_extra_arguments.flatMap((argument) => {
      const [, from, to] = /^--mount type=bind,src=([^,]+),dst=([^,]+),ro$/.exec(argument) ?? [];
      return from === undefined ? [] : [{ from, to }];
    });
    expect(mounts.map(({ to }) => to)).toEqual(variables.matrix_synapse_app_service_config_files);
    const copies = [...tasksText.matchAll(/ to: ([\w.-]+) \}/g)].map(
      ([, name]) => `/etc/matrix-synapse/${name}`,
    );
    expect(mounts.map(({ from }) => from)).toEqual(copies);
  });

  test("do the steps of the page: each task is named and does one thing", () => {
    const [play] = parse(tasksText) as [{ tasks: readonly Record<string, unknown>[] }];
    const modules = play.tasks.map((task) =>
      Object.keys(task).filter((key) => key.startsWith("ansible.builtin.")),
    );
    expect(modules.map((each) => each.length)).toEqual(modules.map(() => 1));
    expect(play.tasks.every(({ name }) => typeof name === "string")).toBe(true);
  });
});
