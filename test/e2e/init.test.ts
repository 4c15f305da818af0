import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { askBot, openManagementRoom, untilConnected } from "../../tools/demo/opt-in.ts";
import type { MatrixClient } from "../../tools/matrix/client.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { answers, ManagedProcess } from "../../tools/process/managed-process.ts";
import { Phone, SandboxControl } from "../../tools/sandbox/control.ts";
import { projectRoot } from "../../tools/world/world.ts";
import { runProgram, TypedProgram } from "../kit/program.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { e2eTimeout } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

const BOT = "@thirdparty:localhost";
const run = promisify(execFile);

/** What `init` prints for a person to do. */
interface ToDo {
  readonly lines: string;
  readonly start: string;
  readonly makeWim: string;
  readonly commands: readonly string[];
  /** Where browsers are said to open the settings page. */
  readonly settings: string;
}

let synapse: TestSynapse;
let folder: TemporaryFolder;
let untouched: string;
beforeAll(async () => {
  folder = temporaryFolder();
  synapse = await TestSynapse.start({ extra: { app_service_config_files: undefined } });
  untouched = readFileSync(synapse.config, "utf8");
});
afterAll(async () => {
  await synapse[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Synapse with these lines at the end of the one file of its own, restarted once. */
async function restartWith(lines: string, config = untouched): Promise<void> {
  writeFileSync(synapse.config, `${config}${lines}`);
  await synapse.process.stop();
  await synapse.launch();
}

/** Does what is printed and nothing else, up to a message in each direction; `isKilled`: the bridge is, before that. */
async function followToAFirstMessage(
  { lines, start, makeWim, commands, settings }: ToDo,
  name: string,
  isKilled = false,
): Promise<MatrixClient> {
  await restartWith(lines);
  const command = { argv: ["sh", "-c", start] as const, cwd: projectRoot, env: processEnvironment() };
  await using bridge = new ManagedProcess("The bridge", command, join(folder.path, `${name}.log`));
  bridge.start();
  const sandbox = /http:\/\/[\d.:]+/.exec(makeWim)?.[0] ?? "";
  await bridge.ready(answers(`${sandbox}/_sandbox/v1`));
  await bridge.ready(answers(`${settings}/_matrix/provision/openapi.json`));
  const { stdout } = await run("sh", ["-c", makeWim]);
  const made = JSON.parse(stdout) as { person: string; external_id: string; jid: string };
  const control = new SandboxControl(sandbox);
  const wim = new Phone(control, made.person, made.external_id, made.jid);

  const person = await synapse.person(name);
  person.acceptsInvites = true;
  const room = await openManagementRoom(person, BOT);
  const [enable = "", yes = "", startChat = ""] = commands;
  await askBot(person, BOT, room, enable, /\byes\b/i);
  await person.say(room, yes);
  await untilConnected(control, "whatsapp", person.userId);
  const joined = person.next(
    "the room of the chat",
    ({ type, stateKey, roomId, content }) =>
      type === "m.room.member" &&
      stateKey === person.userId &&
      roomId !== room &&
      content["membership"] === "join",
  );
  await person.say(room, startChat);
  const { roomId } = await joined;
  if (isKilled) {
    await bridge.kill("SIGKILL");
    bridge.start();
    await bridge.ready(answers(`${settings}/_matrix/provision/openapi.json`));
  }
  await person.say(roomId, "Hello Wim");
  expect(await wim.hears("Hello Wim")).toMatchObject({ from: person.userId });
  const answer = person.next("Wim's answer", ({ content }) => content["body"] === "Hello yourself");
  await wim.says(person.userId, "Hello yourself");
  expect((await answer).roomId).toBe(roomId);
  return person;
}

/** The indented block below a step. */
function below(screen: string, step: RegExp): string {
  const [, block = ""] =
    new RegExp(`\\d\\. ${step.source}[^\\n]*\\n\\n((?: {3}[^\\n]*\\n)+)`).exec(screen) ?? [];
  return block.replaceAll(/^ {3}/gm, "");
}

describe("from init to a first message", () => {
  test("five typed answers, lines in one file of Synapse's and one restart; killed, both go on by the same command", async () => {
    const data = join(folder.path, "typed");
    await using program = new TypedProgram(["init", "--data", data]);
    const ask = async (question: RegExp, keys: string, since = 0): Promise<number> => {
      const at = await program.shows(question, since);
      program.type(`${keys}\r`);
      return at;
    };
    let at = await ask(/Your homeserver: [^\n]*: $/, `elsewhere.test ${synapse.url}`);
    at = await program.shows(/is not elsewhere\.test: it asks other servers/, at);
    at = await ask(/Your homeserver: /, `localhost ${synapse.url}`, at);
    at = await ask(/Who may use the bridge: [^\n]* \[all\]: /, "@ana all", at);
    at = await ask(/Which networks: [^\n]* \[sandbox\]: /, "", at);
    at = await ask(/How Synapse runs: [^\n]* \[\S+\]: /, "", at);
    await ask(/Write a systemd unit [^\n]* \[no\]: /, "", at);
    expect(await program.ended).toBe(0);

    const { screen } = program;
    const config = readFileSync(join(data, "config.yaml"), "utf8");
    expect(config).toMatch(/permissions:\n {2}"@ana:localhost": admin\n {2}localhost: user\n/);
    expect(config.split("\n").length).toBeLessThan(30);
    expect(screen).toContain(`Add to ${synapse.config}:`);
    await followToAFirstMessage(
      {
        lines: below(screen, /Add to/),
        start: below(screen, /Start the bridge/).trim(),
        makeWim: below(screen, /Make somebody/).trim(),
        commands: below(screen, /In your Matrix client/)
          .trim()
          .split("\n"),
        settings: /open the settings page at (http:\/\/127\.0\.0\.1:\d+)\./.exec(screen)?.[1] ?? "",
      },
      "ana",
      true,
    );
  });

  test("flags alone, with an answer for programs", async () => {
    const data = join(folder.path, "flagged");
    const { port } = new URL(synapse.url);
    const resources = `listeners:\n  - { port: ${port}, type: http, bind_addresses: ["127.0.0.1"], resources: [{ names: [client, federation] }] }\n`;
    untouched = `${untouched.replace(/^listeners:\n(?:[ -].*\n)+/m, "")}${resources}`;
    await restartWith("");
    const flags = `--homeserver ${synapse.url} --users @bo:localhost --provisioning https://chats.home.test/`;
    const { status, out, err } = await runProgram(
      ["init", "--json", "--yes", "--data", data].concat(flags.split(" ")),
      { cwd: folder.path },
    );
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out.trimEnd()).not.toContain("\n");
    const told = JSON.parse(out) as {
      homeserver: unknown;
      files: Record<string, string>;
      additions: readonly { to: string; lines: string }[];
      start: string;
      addresses: Record<string, string>;
      remarks: readonly string[];
      next: readonly { command: string }[];
    };
    expect(told.homeserver).toMatchObject({ url: synapse.url, server_name: "localhost", name: "Synapse" });
    expect(told.additions.map(({ to }) => to)).toEqual([synapse.config]);
    for (const file of Object.values(told.files)) {
      if (file === null) continue;
      expect(statSync(file).mode & 0o077).toBe(0);
      expect(out).not.toContain(/as_token: (\S+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "no token at all");
    }
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(readFileSync(told.files["config"] ?? "", "utf8")).toMatch(
      /provisioning:\n {2}listen: 127\.0\.0\.1:\d+\n {2}url: https:\/\/chats\.home\.test\n/,
    );
    expect(told.remarks.join()).toContain(
      "have your reverse proxy pass that address on to http://127.0.0.1:",
    );
    await followToAFirstMessage(
      {
        lines: told.additions[0]?.lines ?? "",
        start: told.start,
        makeWim: told.next.find(({ command }) => command.startsWith("curl"))?.command ?? "",
        commands: told.next.at(-1)?.command.split("\n") ?? [],
        settings: `http://${told.addresses["for people's browsers"]}`,
      },
      "bo",
    );
    const again = await runProgram(["init", "--yes", "--data", data, "--homeserver", synapse.url]);
    expect(again).toEqual({
      status: 1,
      out: "",
      err: `There is a bridge in ${data} already, and init overwrites nothing. Start it as it is, or name a new folder with --data.\n`,
    });
    expect(existsSync(join(data, "bridge.db"))).toBe(true);
  });
});
