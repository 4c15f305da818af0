import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { initOnOwnNetwork, onOwnNetwork } from "../kit/own-network.ts";
import { runProgram, TypedProgram } from "../kit/program.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";

const around: Server[] = [];
let folder: TemporaryFolder;
let data: string;
beforeEach(() => {
  folder = temporaryFolder();
  data = join(folder.path, "data");
});
afterEach(() => {
  for (const server of around.splice(0)) server.close();
  folder[Symbol.dispose]();
});

async function portOf(server: Server): Promise<number> {
  around.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What a homeserver of this name answers to whoever looks for it. */
const homeserver =
  (name: string): RequestListener =>
  ({ url }, response) => {
    const body = {
      "/_matrix/client/versions": { versions: ["v1.17"] },
      "/_matrix/key/v2/server": { server_name: name },
    }[url ?? ""];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(JSON.stringify(body ?? { errcode: "M_UNRECOGNIZED" }));
  };

const homeTest = async (): Promise<string> =>
  `http://127.0.0.1:${await portOf(createHttp(homeserver("home.test")))}`;

describe("init says in one sentence what is wrong, writes nothing and ends with 1", () => {
  const refuses = async (words: readonly string[], expected: string): Promise<void> => {
    const { status, out, err } = await runProgram(["init", "--yes", "--data", data, ...words]);
    expect({ status, out, err: err.trimEnd() }).toEqual({ status: 1, out: "", err: expected });
  };

  test("where the homeserver is away", async () => {
    await refuses(
      ["--homeserver", "http://127.0.0.1:1"],
      "The homeserver does not answer at http://127.0.0.1:1. Start it, or correct the address.",
    );
    expect(existsSync(data)).toBe(false);
  });

  test("where it has another name", async () => {
    const url = await homeTest();
    await refuses(
      ["--homeserver", `hoem.test ${url}`],
      `The homeserver at ${url} is home.test, not hoem.test. Matrix ids there end in :home.test; give that name, or another address.`,
    );
    expect(existsSync(data)).toBe(false);
  });

  test("where an address to listen on is taken", async () => {
    const port = await portOf(createServer());
    await refuses(
      ["--homeserver", await homeTest(), "--networks", "whatsapp", "--listen", `127.0.0.1:${port}`],
      `127.0.0.1:${port} is taken by another program; give another with --listen, or leave it out to have a free one found.`,
    );
    expect(existsSync(data)).toBe(false);
  });

  test("where the folder has something in it, or is a file", async () => {
    mkdirSync(data);
    writeFileSync(join(data, "notes.txt"), "mine");
    await refuses(
      [],
      `${data} is not empty (notes.txt), and init overwrites nothing. Name a new or empty folder with --data.`,
    );
    expect(readdirSync(data)).toEqual(["notes.txt"]);
    data = join(data, "notes.txt");
    await refuses([], `${data} is a file, or below one; name a folder with --data.`);
    data = join(data, "below");
    await refuses([], `${data} is a file, or below one; name a folder with --data.`);
  });

  test.each([
    [
      ["--users", "@ana:other.test"],
      "@ana:other.test is not of home.test; the bridge serves the people of its own homeserver.",
    ],
    [
      ["--networks", "telegram"],
      "There is no network “telegram”. Choose sandbox, or some of whatsapp, messenger, signal.",
    ],
    [
      ["--synapse", "no-such-user"],
      "There is no user “no-such-user” on this machine. Give the user Synapse runs as (“ps -eo user,args | grep synapse” shows it), or container, playbook or elsewhere.",
    ],
    [["--unit", "maybe"], "Answer yes or no."],
    [
      ["--url", "bridge:29340"],
      "“bridge:29340” is no http(s) address without user name, ? or #, such as http://127.0.0.1:8008.",
    ],
    [
      ["--provisioning", "chats.home.test"],
      "--provisioning takes an address and port, such as 192.168.1.5:29343, or your proxy's address, such as https://chats.example.org, not “chats.home.test”.",
    ],
  ])("where an answer cannot be used: %j", async (words, expected) => {
    await refuses(["--homeserver", await homeTest(), ...words], expected);
    expect(existsSync(data)).toBe(false);
  });
});

test("init without a terminal names the flags it lacks, and to a program it says so as JSON", async () => {
  const { status, out, err } = await runProgram(["init", "--data", data, "--users", "all"]);
  expect([status, out]).toEqual([1, ""]);
  expect(err).toContain(
    "There is no terminal to ask on. Not yet said: --homeserver, --networks, --synapse, --unit.",
  );
  const told = await runProgram(["init", "--json", "--data", data]);
  expect([told.status, told.err]).toEqual([1, ""]);
  expect(String(JSON.parse(told.out).error)).toContain("--homeserver, --users");
  expect(existsSync(data)).toBe(false);
});

onOwnNetwork("ports that are taken are passed over, and said", async () => {
  const { status, told } = await initOnOwnNetwork({ folder: folder.path, taken: [29_340, 29_342] });
  expect([status, told["addresses"]]).toEqual([
    0,
    {
      "for Synapse": "127.0.0.1:29341",
      "for people's browsers": "127.0.0.1:29343",
      "for the networks' servers": "127.0.0.1:29344",
      "health and metrics": "127.0.0.1:29345",
    },
  ]);
});

describe("Ctrl-C leaves nothing", () => {
  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("%s at a question in the middle", async (_, key) => {
    await using program = new TypedProgram(["init", "--data", data, "--homeserver", await homeTest()]);
    const at = await program.shows(/Who may use the bridge[^\n]*: /);
    program.type("all\r");
    await program.shows(/Which networks[^\n]*: /, at);
    program.type(key);
    expect(await program.ended).toBe(130);
    expect(program.screen).toContain("Stopped. Nothing was written.");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("a signal while the homeserver takes its time, in a folder that was there", async () => {
    mkdirSync(data);
    const asked = Promise.withResolvers<void>();
    const silent = await portOf(createHttp(() => asked.resolve()));
    const { status, err } = await runProgram(
      ["init", "--yes", "--data", data, "--homeserver", `http://127.0.0.1:${silent}`],
      { act: (child) => void asked.promise.then(() => child.kill("SIGINT")) },
    );
    expect([status, err.trim()]).toEqual([130, "Stopped. Nothing was written."]);
    expect(readdirSync(data)).toEqual([]);
  });

  test("answers typed ahead count, and a killed init's remains are no hindrance", async () => {
    mkdirSync(join(data, ".init-killed"), { recursive: true });
    await using program = new TypedProgram(["init", "--data", data, "--homeserver", await homeTest()]);
    program.type("all\rwhatsapp\r\rno\r");
    expect(await program.ended).toBe(0);
    expect(readdirSync(data).toSorted()).toEqual([
      "config.yaml",
      "doublepuppet-registration.yaml",
      "registration.yaml",
    ]);
  });
});
