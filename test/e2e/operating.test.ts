import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { quoted } from "../../src/config/quoted.ts";
import { projectRoot } from "../../tools/world/world.ts";
import { serverError } from "../kit/faulty-proxy.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import { hasPrometheus, Prometheus } from "../kit/prometheus.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(readFileSync("config/grafana/dashboard.json", "utf8")) as {
  readonly panels: readonly Panel[];
};

/** A query as Grafana asks it, with every network and instance chosen. */
const asked = (expr: string): string =>
  expr
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$job", "third-party-chats")
    .replaceAll(/\$(?:instance|network)\b/g, ".*");

const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ title, query: asked(expr) })),
);
const panel = (title: string): string => {
  const found = queries.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no panel is called “${title}”`);
  return found.query;
};

const here = anaOnSynapse({ secrets: [], networks: ["whatsapp"], proxied: true, puppets: true });

/** What the pages tell people to type at the machine, as it stands there. */
const commands = [
  ...new Set(
    ["docs/operating.md", "docs/troubleshooting.md"]
      .flatMap((page) => [...readFileSync(page, "utf8").matchAll(/`([^`]+)`/g)])
      .map(([, code = ""]) => code)
      .filter((code) => /^(?:third-party-chats|journalctl|df|du) /.test(code)),
  ),
];

describe("the commands of the pages, beside a running bridge", () => {
  const own = temporaryFolder();
  const bin = own.path;
  afterAll(() => own[Symbol.dispose]());

  beforeAll(() => {
    const program = [process.execPath, "--disable-warning=DEP0060", join(projectRoot, "src/cli.ts")];
    const script = (words: readonly string[]): string =>
      `#!/bin/sh\nexec ${words.map(quoted).join(" ")} "$@"\n`;
    writeFileSync(join(bin, "third-party-chats"), script(program), { mode: 0o755 });
    const { bridgeConfig, registration, secondRegistration } = here.world.world.files;
    for (const file of [bridgeConfig, registration, secondRegistration]) {
      if (existsSync(file)) copyFileSync(file, join(own.path, basename(file)));
    }
    // A machine without systemd has no journal.
    writeFileSync(join(bin, "journalctl"), script(["echo"]), { mode: 0o755 });
  });

  test.each(commands)("“%s” does what it is for", async (command) => {
    // What writes to the files is given copies of them.
    const cwd = / --(?:force|write)$/.test(command) ? own.path : dirname(here.world.world.files.bridgeConfig);
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
    const child = spawn("sh", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "exit");
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [status] = (await ended) as [number | null];
    expect({ status, said: out + err }).toEqual({ status: 0, said: expect.stringMatching(/\w/) });
  });
});

(hasPrometheus ? describe : describe.skip)("watched by Prometheus, under load and in trouble", () => {
  let prometheus: Prometheus;
  let chat: OpenChat;
  const holds = async (query: string, ...values: readonly number[]): Promise<boolean> =>
    (await prometheus.query(query)).some(({ value }) => values.includes(value));
  const raised = async (alert: string): Promise<boolean> => (await prometheus.alerts()).includes(alert);

  beforeAll(async () => {
    const { files, settings } = here.world.world;
    prometheus = await Prometheus.start(dirname(files.bridgeConfig), `127.0.0.1:${settings.ports.health}`);
    chat = await here.chat("whatsapp", "Wim");
    await prometheus.until("a bridge that is ready", () => holds(panel("Messages can cross"), 1));
    for (let at = 0; at < 10; at += 1) {
      await Promise.all([chat.say(`to Wim ${at}`), chat.does("says", { text: `to Ana ${at}` })]);
    }
    await Promise.all([chat.heard("to Wim 9"), chat.text("to Ana 9")]);
  });
  afterAll(() => prometheus?.[Symbol.asyncDispose]());

  test("a bridge in order raises no alert, and the dashboard counts what crosses", async () => {
    const crossed = async (): Promise<boolean> =>
      (await prometheus.query(panel("Crossed, last hour"))).some(({ value }) => value > 15);
    await prometheus.until("twenty messages across", crossed);
    expect(await prometheus.alerts()).toEqual([]);
  });

  test("each query of the dashboard is answered with numbers", async () => {
    const { proxy, world } = here.world;
    await chat.phone.does("turnsOff");
    await chat.notice(/third-party chats/, await chat.say("do you get this?"));
    await chat.phone.does("turnsOn");
    await fetch(`${world.appservice}/_matrix/app/v1/transactions/odd`, {
      method: "PUT",
      headers: { authorization: `Bearer ${world.tokens.hs}` },
      body: "no JSON",
    });
    proxy?.breaks(serverError(502));
    await chat.does("says", { text: "while it is away" });
    await prometheus.until("a homeserver that is away", () => raised("BridgeNotReady"));
    proxy?.heals();
    await chat.text("while it is away");
    await prometheus.until("the end of the outage", async () => !(await raised("BridgeNotReady")));

    const answers = await Promise.all(
      queries.map(async ({ title, query }) => {
        const samples = await prometheus.query(query);
        return samples.some(({ value }) => Number.isFinite(value)) ? [] : [`${title}: ${query}`];
      }),
    );
    expect(answers.flat()).toEqual([]);
    const failed = await prometheus.query(panel("Failed, last hour"));
    expect(failed.some(({ value }) => value > 0)).toBe(true);
  });

  test("a network that is away, and a bridge that was killed, are seen at once", async () => {
    const { world } = here.world;
    await world.sandbox.kill("SIGKILL");
    await prometheus.until("a network that is away", () => raised("BridgeNetworkAway"));
    await world.bridge.kill("SIGKILL");
    await prometheus.until("a bridge that is down", () => raised("BridgeDown"));
    await world.startSandbox();
    await world.startBridge();
    await prometheus.until("a bridge without alerts", async () => (await prometheus.alerts()).length === 0);
  });
});
