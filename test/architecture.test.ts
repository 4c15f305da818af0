import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";

const wire = "networks/meta-interop/wire";
/** What every part of the family may know of it. */
const family = ["ids", "profile", "config", "record-scopes", "hosted-files"].map(
  (file) => `networks/meta-interop/${file}.ts`,
);
const signal = (...rooms: readonly string[]) => rooms.map((room) => `networks/signal/${room}`);
/** What the families of networks share. */
const shared = ["networks/family.ts", "networks/loading-client.ts"];
const outside = ["core/model", "core/ports", "core/runtime"];
const inside = [...outside, "core/chats"];
const both = [...inside, "core/delivery", "core/expiries", "core/management"];
const sandboxOwn = ["sandbox/config.ts", "sandbox/logger.ts"];

/** What a section of the configuration is written with. */
const configurable = ["field", "listen", "url", "problems"].map((file) => `config/${file}.ts`);

/**
 * Who may import whom inside src/: each folder its own files, what is in it, and the folders and files named. Reading
 * this table from the top is reading the architecture.
 */
const mayImport: Record<string, readonly string[]> = {
  "core/model": [],
  "core/ports": ["core/model"],
  "core/runtime": ["core/model", "core/ports"],
  "core/chats": outside,
  "core/chats/groups": inside,
  "core/delivery": outside,
  "core/expiries": outside,
  "core/logins": [...inside, "core/expiries"],
  "core/management": inside,
  "core/people": [...inside, "core/delivery", "core/to-network/read-marks.ts", "core/to-network/retries.ts"],
  "core/to-matrix/own": [...both, "core/to-matrix/event-context.ts"],
  "core/to-matrix/shared": [...inside, "core/to-matrix/message-history.ts", "core/to-matrix/without-room.ts"],
  "core/to-matrix": both,
  "core/to-network": both,
  core: [],
  translate: ["core/model"],
  "media/containers": [],
  media: outside,
  http: outside,
  // The routes carry out people's wishes with what the commands use.
  "http/provisioning/caller": ["core/model", "core/ports", "http/provisioning"],
  "http/provisioning": ["core", "http", "page/served-page.ts"],
  config: ["core/model", "core/ports"],
  commands: ["core"],
  "store/database": ["core/model", "core/ports"],
  "store/tables": ["core/model", "core/ports", "store/database"],
  "store/families/signal-protocol": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "signal-protocol/signal-records.ts",
  ],
  "store/families/signal": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "networks/signal/records.ts",
  ],
  "store/families/meta-interop": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "networks/meta-interop/hosted-files.ts",
  ],
  "store/families": ["core/model", "core/ports", "store/database"],
  store: ["core/model", "core/ports"],
  "matrix/http": ["core/model", "core/ports"],
  "matrix/registration": ["core/model", "matrix/http"],
  "matrix/events": ["core/model", "core/ports", "translate", "matrix/http"],
  "matrix/identity": ["core/model", "core/ports", "matrix/http"],
  "matrix/homeserver": [...outside, "matrix/http", "matrix/events", "matrix/registration"],
  "matrix/inbound": ["core/model", "core/ports", "http", "matrix/http", "matrix/events"],
  "matrix/health": [
    "core/model",
    "core/ports",
    "matrix/http",
    "matrix/registration",
    "matrix/homeserver",
    "matrix/inbound",
  ],
  "matrix/discovery": ["core/model", "matrix/http", "matrix/health"],
  "signal-protocol": ["core/model", "core/ports"],
  [`${wire}/noise`]: [wire],
  [wire]: [],
  "networks/meta-interop/account": [...outside, wire, "signal-protocol", ...family],
  "networks/meta-interop/login": ["core/model", "core/ports", "networks/meta-interop/account", ...family],
  "networks/meta-interop/connection": [...outside, wire, "networks/meta-interop/account", ...family],
  "networks/meta-interop/convert": ["core/model", "translate", wire, ...family],
  "networks/meta-interop/media": [
    ...outside,
    wire,
    "networks/download.ts",
    "networks/meta-interop/convert",
    ...family,
  ],
  "networks/meta-interop/session": [
    ...outside,
    wire,
    "signal-protocol",
    ...family,
    ...["connection", "convert", "media"].map((room) => `networks/meta-interop/${room}`),
  ],
  "networks/meta-interop": [...outside, wire, "signal-protocol", ...shared, ...configurable],
  "networks/signal/wire": [],
  "networks/signal/convert": ["core/model", "translate", ...signal("wire", "ids.ts", "media/media-ref.ts")],
  // The service's calls, one file each; what stands above them knows who connects.
  "networks/signal/service": [...outside, "signal-protocol", ...signal("account.ts", "servers.ts")],
  "networks/signal/connection": [
    ...outside,
    "signal-protocol",
    ...signal("service", "account.ts", "servers.ts", "record-scopes.ts"),
  ],
  "networks/signal/link": [
    ...outside,
    "signal-protocol",
    ...signal("wire", "service", "connection", "account.ts", "master-key.ts", "record-scopes.ts"),
    ...signal("session/configuration.ts"),
  ],
  "networks/signal/media": [
    ...outside,
    ...signal("wire", "records.ts", "servers.ts"),
    "networks/download.ts",
  ],
  "networks/signal/storage": [
    "core/model",
    ...signal("ids.ts", "records.ts", "service/storage-service.ts", "wire"),
  ],
  "networks/signal/contacts": [
    ...outside,
    ...signal(
      "account.ts",
      "ids.ts",
      "login-context.ts",
      "master-key.ts",
      "record-scopes.ts",
      "records.ts",
      "shown-name.ts",
    ),
    ...signal("media/media-ref.ts", "service", "storage", "wire"),
  ],
  "networks/signal/session": [
    ...outside,
    "signal-protocol",
    ...signal("wire", "convert", "service", "account.ts", "ids.ts"),
    ...signal("login-context.ts", "record-scopes.ts", "records.ts", "shown-name.ts"),
  ],
  "networks/signal": [...outside, "signal-protocol", ...shared, ...configurable],
  "networks/family.ts": ["core/model", "core/ports", "config"],
  "networks/loading-client.ts": ["core/model", "core/ports"],
  // What the hosts of files of several families have in common.
  "networks/download.ts": outside,
  program: [
    "main.ts",
    "networks/registry.ts",
    "networks/family.ts",
    ...["examine", "copy", "database/connection", "database/writer-lock", "database/storage-error"].map(
      (file) => `store/${file}.ts`,
    ),
    "core",
    "commands",
    "config",
    "http",
    "media/ffmpeg.ts",
    ...["registration", "events", "health", "inbound", "identity", "discovery"].map(
      (room) => `matrix/${room}`,
    ),
  ],
  // What runs in a browser knows nothing of the house but what is served beside it.
  "page/web": [],
  page: [],
  "settings/web": ["page/web"],
  "sandbox/state": [wire, ...sandboxOwn],
  "sandbox/http": sandboxOwn,
  "sandbox/faults": ["sandbox/state", ...sandboxOwn],
  "sandbox/partner": ["sandbox/state", "sandbox/http", "sandbox/faults", ...sandboxOwn],
  "sandbox/phone": [
    wire,
    "sandbox/state",
    "sandbox/http",
    "sandbox/faults",
    "sandbox/partner",
    ...sandboxOwn,
  ],
  "sandbox/chat": [
    wire,
    "sandbox/state",
    "sandbox/http",
    "sandbox/faults",
    "sandbox/partner",
    "sandbox/phone",
    ...sandboxOwn,
  ],
  "sandbox/page/model": [],
  "sandbox/page/web": ["sandbox/page/model", "page/web"],
  "sandbox/page": ["sandbox/http", "page/served-page.ts"],
  "sandbox/api": [wire, "sandbox"],
  sandbox: [wire, "config/called.ts"],
};

/** `place` is a folder, or one file. */
const within = (path: string, place: string): boolean =>
  path.startsWith(`src/${place}/`) || path === `src/${place}`;
const imports = /(?:^|\n)\s*(?:import|export)\b[^;"']*["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']/g;
const sources = globSync("src/**/*.ts");

function targets(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(imports)].map(([, plain, dynamic]) =>
    normalize(join(dirname(file), plain ?? dynamic ?? "")),
  );
}

/** The most specific folder of the table that holds the file. */
function room(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((folder) => within(file, folder))
    .sort((a, b) => b.length - a.length)[0];
}

describe("the house", () => {
  test.each(Object.entries(mayImport))("src/%s imports only itself and %j", (folder, allowed) => {
    const strays = sources
      .filter((file) => room(file) === folder)
      .flatMap((file) =>
        targets(file)
          .filter((target) => ![folder, ...allowed].some((ok) => within(target, ok)))
          .map((target) => `${file} -> ${target}`),
      );
    expect(strays).toEqual([]);
  });

  test("every source file is in a room of the table, or is main, cli, or the networks' registry", () => {
    const free = new Set(["src/main.ts", "src/cli.ts", "src/networks/registry.ts"]);
    expect(sources.filter((file) => room(file) === undefined && !free.has(file))).toEqual([]);
  });

  test("nobody imports cli, and main only the command that starts it", () => {
    const importers = sources.filter((file) =>
      targets(file).some((target) => target === "src/main.ts" || target === "src/cli.ts"),
    );
    expect(importers).toEqual(["src/program/start.ts"]);
  });

  test("core and translate know no package and no clock", () => {
    const pure = sources.filter((file) => within(file, "core") || within(file, "translate"));
    const bare = /(?:^|\n)\s*import\b[^;"']*["']([^."'][^"']*)["']/g;
    const strays = pure.flatMap((file) => {
      const text = readFileSync(file, "utf8");
      const packages = [...text.matchAll(bare)].map(([, name = ""]) => name);
      const clocks = /\b(?:setTimeout|setInterval|setImmediate|Date\.now|new Date\(\)|Math\.random)\b/.exec(
        text,
      );
      return [
        ...packages.filter((name) => !(within(file, "translate") && name === "htmlparser2")),
        ...(clocks ?? []),
      ].map((what) => `${file}: ${what}`);
    });
    expect(strays).toEqual([]);
  });

  test("no import cycle, type-only imports included", () => {
    const graph = new Map(sources.map((file) => [file, targets(file)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
      if (done.has(file)) return [];
      const found = (graph.get(file) ?? []).flatMap((next) => visit(next, [...path, file]));
      done.add(file);
      return found;
    };
    expect(sources.flatMap((file) => visit(file, []))).toEqual([]);
  });

  /** Names that say nothing where they are used: an interface is named by its file, a row by its table. */
  const NAMELESS = ["Parts", "Options", "Scene", "Row", "Around", "Hands", "Two", "Placed", "Standing"];

  test("no type has a name that says nothing outside its file", () => {
    const named = new RegExp(`^(?:export )?(?:interface|type|class) (${NAMELESS.join("|")})\\b`, "gm");
    const files = [...sources, ...globSync("test/{kit,contract}/**/*.ts"), ...globSync("tools/**/*.ts")];
    const strays = files.flatMap((file) =>
      Array.from(readFileSync(file, "utf8").matchAll(named), ([, name]) => `${file}: ${name}`),
    );
    expect(strays).toEqual([]);
  });

  /** Classes that are called otherwise than their file, and why. */
  const CALLED_OTHERWISE: Readonly<Record<string, string>> = {
    "src/core/ports/scheduler.ts": "the port, and the one implementation that needs nothing of outside",
    "src/networks/meta-interop/client.ts": "every family has a client.ts; its class names the family",
    "src/networks/signal/client.ts": "as every family's",
    "src/networks/signal/connector.ts": "every family has a connector.ts; its class names the family",
    "src/networks/meta-interop/connector.ts": "every family has a connector.ts; its class names the family",
    "src/networks/meta-interop/wire/noise/noise.ts": "the class names the Noise pattern",
  };

  test("a class that has a file to itself is called as the file is", () => {
    const exported = /^export (?:abstract )?(?:async )?(class|function|const) (\w+)/gm;
    const strays = sources.flatMap((file) => {
      const [only, ...others] = readFileSync(file, "utf8").matchAll(exported);
      const [, kind, name = ""] = only ?? [];
      const own = basename(file, ".ts").replaceAll("-", "");
      const fits = kind !== "class" || others.length > 0 || name.toLowerCase() === own;
      return fits || file in CALLED_OTHERWISE ? [] : [`${file}: ${name}`];
    });
    expect(strays).toEqual([]);
  });

  test("no folder holds more than 25 files side by side", () => {
    const counts = new Map<string, number>();
    for (const file of sources.filter((each) => !each.includes("/gen/")))
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect(Array.from(counts).filter(([, count]) => count > 25)).toEqual([]);
  });

  test("no file over 300 lines, and the median under 100", () => {
    const lengths = sources
      .filter((file) => !file.includes("/gen/"))
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
      .sort((a, b) => a.lines - b.lines);
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    expect(lengths[Math.floor(lengths.length / 2)]?.lines ?? 0).toBeLessThan(100);
  });
});
