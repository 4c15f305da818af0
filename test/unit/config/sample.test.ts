import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { allPaths } from "../../../src/config/field.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { configSchema } from "../../../src/config/schema.ts";
import { networksConfig } from "../../../src/networks/registry.ts";

const file = "config/config.sample.yaml";
const sample = readFileSync(file, "utf8");
/** With everything that is switched off switched on. */
const everything = sample.replaceAll(/^(\s*)#([a-z_]+: )/gm, "$1$2");
const load = (text: string) => parseConfig(text, { file, networks: networksConfig, environment: {} });

describe("the sample", () => {
  test("loads as it is, and with every switched-off line switched on", () => {
    expect(load(sample).homeserver.server_name).toBe("example.org");
    expect(load(everything).logging.file).toMatch(/bridge\.log$/);
  });

  test("shows every key there is", () => {
    const shown: unknown = parse(everything);
    const absent = allPaths(configSchema(networksConfig.schema)).filter((path) => {
      let at: unknown = shown;
      for (const key of path) at = Object(at)[key];
      return at === undefined;
    });
    expect(absent).toEqual([]);
  });

  test("explains every key in a comment above it", () => {
    const lines = everything.split("\n");
    const bare = lines.filter((line, index) => {
      const above = lines[index - 1] ?? "";
      return /^\s*[a-z_]+:/.test(line) && !/^\s*#/.test(above) && !/^\s*messenger:/.test(line);
    });
    // What needs no second explanation: the second network, and values right under their section's comment.
    expect(bare.map((line) => line.trim().split(":")[0])).toEqual(["whatsapp", "url", "root_key", "listen"]);
  });
});
