import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { commandsFor } from "../../../src/commands/table.ts";
import { allPaths, schemaAt, wordsOf } from "../../../src/config/field.ts";
import { configSchema } from "../../../src/config/schema.ts";
import { type Command, commands, usage } from "../../../src/config/usage.ts";
import type { NetworkId } from "../../../src/core/model/ids.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { matchCall } from "../../../src/matrix/inbound/appservice-routes.ts";
import { partnerRoutes } from "../../../src/networks/meta-interop/account/partner-routes.ts";
import { consentFlow } from "../../../src/networks/meta-interop/login/consent-flow.ts";
import { Residences } from "../../../src/networks/meta-interop/login/residences.ts";
import { messenger } from "../../../src/networks/meta-interop/messenger.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { networksConfig } from "../../../src/networks/registry.ts";
import { readPage, rows, section } from "./page.ts";

const tableUnder = (heading: string) => rows(section(readPage("docs/reference.md"), heading));

/** The networks of the demo, as far as the commands need them. */
function sandboxNetworks(): readonly Network[] {
  const nothingKept = {} as ConstructorParameters<typeof Residences>[0];
  const residences = new Residences(nothingKept);
  const enlist = () => Promise.reject(new Error("nobody is enlisted"));
  return [whatsapp, messenger].map(
    (profile) =>
      ({
        ...profile,
        flows: [consentFlow({ profile, residences, enlist })],
        settings: [residences],
      }) as unknown as Network,
  );
}

test("what one can write to the bot is what it understands", () => {
  expect(tableUnder("Commands to the bot")).toEqual(
    commandsFor(sandboxNetworks()).map(({ name, usage: after, summary }) => [
      `\`${[name, after].join(" ").trim()}\``,
      summary,
    ]),
  );
});

describe("the command line", () => {
  const table = tableUnder("Command line");

  test("has its commands, in the words of its help", () => {
    const lines = [...usage.help.matchAll(/^ {2}(\S+) {2,}(.+)$/gm)];
    const said = lines.map(([, name = "", what = ""]) => [`\`${name}\``, what]);
    expect(said.map(([name]) => name)).toEqual(commands.map((name) => `\`${name}\``));
    expect(table.slice(0, commands.length).map(([name, what]) => [name, what])).toEqual(said);
  });

  test.each(commands)("says what %s takes", (command: Command) => {
    const [, , options = ""] = table[commands.indexOf(command)] ?? [];
    const taken = [...usage[command].matchAll(/^ {2}(?:-\w, )?(--[a-z]+)/gm)].map(([, name]) => name);
    const written = [...options.matchAll(/--[a-z]+/g)].map(([name]) => name);
    expect(written).toEqual(taken.filter((name) => name !== "--help"));
  });
});

/** What a key counts as where it is left out. */
function leftOut(schema: z.core.$ZodType): string {
  const { success, data } = z.safeParse(schema, undefined);
  if (!success) return "needed";
  if (data === undefined) return "–";
  return `\`${typeof data === "string" ? data : JSON.stringify(data)}\``;
}

test("each key of the configuration is there, with what it is and what it counts as where it is left out", () => {
  const root = configSchema(networksConfig.schema);
  const all = allPaths(root);
  const isSection = (path: readonly string[]) =>
    all.some((other) => other.length > path.length && path.every((key, at) => key === other[at]));
  const values = all.filter((path) => !isSection(path));
  expect(tableUnder("Configuration keys")).toEqual(
    values.map((path) => {
      const schema = schemaAt(root, path);
      if (schema === undefined) throw new Error(`${path.join(".")} is in the schema`);
      return [`\`${path.join(".")}\``, wordsOf(schema)?.what, leftOut(schema)];
    }),
  );
});

test("each metric is there, with its type, labels and words", async () => {
  const text = await createMetrics(["whatsapp" as NetworkId]).text();
  const metrics = [...text.matchAll(/^# HELP (bridge_\w+) (.+)\n# TYPE \w+ (\w+)\n\w+(?:\{([^}]*)\})?/gm)];
  expect(metrics.length).toBeGreaterThan(10);
  expect(tableUnder("Metrics")).toEqual(
    metrics.map(([, name = "", help = "", type = "", labels = ""]) => [
      `\`${name}\``,
      type,
      [...labels.matchAll(/(\w+)=/g)]
        .map(([, label = ""]) => label)
        .filter((label) => label !== "le")
        .map((label) => `\`${label}\``)
        .join(", ") || "–",
      help,
    ]),
  );
});

describe("the routes", () => {
  const table = tableUnder("Routes").map(([listener = "", route = ""]) => ({
    listener,
    method: /^`([A-Z]+) /.exec(route)?.[1] ?? "",
    path: /(\/[^`]*)`$/.exec(route)?.[1] ?? "",
  }));
  const of = (wanted: string) => table.filter(({ listener }) => listener === wanted);

  test.each(of("appservice"))("$method $path is one the homeserver may call", ({ method, path }) => {
    expect(matchCall(method, path.replaceAll(/\{\w+\}/g, "x")).kind).toBe("call");
  });

  test("of the partner listener are those the gatekeeper uses, and its files", () => {
    const routes = partnerRoutes({} as Parameters<typeof partnerRoutes>[0]);
    expect(of("partner").map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...routes.map(({ method, path }) => `${method} ${path}`),
      "GET /media/{file}",
    ]);
  });
});
