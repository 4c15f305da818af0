import { once } from "node:events";
import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { processEnvironment } from "../../tools/process/environment.ts";
import { ManagedProcess } from "../../tools/process/managed-process.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { projectRoot } from "../../tools/world/world.ts";
import { changingProxy } from "../kit/changing-proxy.ts";
import { DoctoredBridge } from "../kit/doctored-bridge.ts";
import { bad, good, untried } from "../kit/doctors-findings.ts";
import { runProgram } from "../kit/program.ts";
import { selfSigned } from "../kit/self-signed.ts";
import { before } from "../kit/server-before.ts";
import { e2eTimeout } from "../kit/world.ts";
import { abilitiesTried } from "./doctor-abilities.ts";

jest.setTimeout(e2eTimeout);

const around = new AsyncDisposableStack();
let bridge: DoctoredBridge;
beforeAll(async () => {
  bridge = around.use(await DoctoredBridge.start());
});
afterAll(() => around.disposeAsync());
beforeEach(() => bridge.heal());

describe("doctor, on a real Synapse", () => {
  test("goes through a bridge that is in order, without it and beside it", async () => {
    const { status, out } = await runProgram(["doctor", "-c", bridge.config, "-r", bridge.registration]);
    expect(out.split("\n").map((line) => line.slice(0, 16).trimEnd())).toEqual([
      "✓ configuration",
      "✓ permissions",
      "✓ registrations",
      "✓",
      "✓ files",
      "✓ machine",
      "✓",
      "! traffic",
      "✓ homeserver",
      "✓ clock",
      "✓ token",
      "✓ way back",
      "✓ names",
      "✓ device",
      "✓ media",
      "✓ rooms",
      "✓ encryption",
      "✓ puppets",
      "! settings",
      "! networks",
      "",
      "All of it is in",
      "",
    ]);
    expect(status).toBe(0);
    expect(out).toMatch(/reaches this check in the bridge's place \(it does not run\) at http:\S+ in \d+ ms/);

    const argv = [
      process.execPath,
      "--disable-warning=DEP0060",
      "src/cli.ts",
      "start",
      "-c",
      bridge.config,
      "-r",
      bridge.registration,
    ] as const;
    await using running = new ManagedProcess(
      "The bridge",
      { argv, cwd: projectRoot, env: processEnvironment() },
      join(bridge.folder, "bridge.log"),
    );
    running.start();
    await running.ready(async () => readFileSync(running.log, "utf8").includes(" ready"));
    const links = await bridge.toldByProgram();
    expect(links["way back"]).toEqual(good(/^the homeserver reaches the bridge at http:\S+ in \d+ ms$/));
    expect(links["homeserver"]).toEqual(good(/answers at http:\S+ in \d+ ms$/));
    expect(links["names"]).toEqual(good("@thirdparty and @_tpc_… are this bridge's alone"));
    expect(links["media"]).toEqual(good(/^files go up and come back with the bot's token, up to 50 MiB$/));
    expect(links["rooms"]).toEqual(good(/^new rooms are not encrypted, and of version \d+$/));
    expect(links["traffic"]).toEqual(good("0 logins; nothing waits, and nothing was given up"));
  });

  test("names what is still the sample's, and who may use the bridge but is not of this server, by their lines", async () => {
    bridge.edit("config", /url: "http[^"]*"/, 'url: "https://chats.example.org"');
    bridge.edit("config", "  localhost: user", "  lokalhost: user");
    const links = await bridge.examined();
    expect(links["configuration"]).toEqual(
      bad(bridge.config, 8, "partner.url is still the sample's.", "Put your own in its place"),
    );
    expect(links["permissions"]).toEqual(
      bad(bridge.config, 11, "lokalhost is not of localhost, your homeserver.", "mistyped"),
    );
  });

  test("lists each mistake of a configuration that cannot be read, and tries nothing", async () => {
    bridge.edit("config", "  server_name:", "  servername:");
    const links = await bridge.toldByProgram();
    expect(Object.keys(links)).toEqual(["configuration"]);
    expect(links["configuration"]?.map(({ file, line }) => [file, line])).toEqual([
      [bridge.config, 1],
      [bridge.config, 3],
    ]);
  });

  test("holds the configuration against the registrations, by line", async () => {
    bridge.edit("registration", /^url: .*$/m, "url: http://127.0.0.1:1");
    bridge.edit("registration", /^id: .*$/m, "id: other");
    const { registrations } = await bridge.examined();
    expect(registrations?.slice(0, 2)).toEqual([
      ...bad(bridge.registration, 4, "url is http://127.0.0.1:1 here and", "correct the wrong one"),
      ...bad(bridge.registration, 3, "id is other here and thirdpartychats", "put it into the configuration"),
    ]);
    bridge.edit("config", "listen:", "bot: somebody\n  listen:");
    const links = await bridge.examined();
    expect(links["registrations"]?.[0]).toMatchObject({
      status: "bad",
      file: bridge.registration,
      what: "namespaces.users does not cover the bot @somebody:localhost.",
    });
    expect(links["homeserver"]).toEqual(untried("no registration"));
  });

  test("finds a registration that Synapse has not read since it was changed, or is not told of", async () => {
    writeFileSync(bridge.registration, bridge.kept.registration);
    const later = new Date(Date.now() + 10_000);
    utimesSync(bridge.registration, later, later);
    const { registrations } = await bridge.examined();
    expect(registrations).toContainEqual(
      bad(
        bridge.registration,
        null,
        /^It was changed at \S+, after Synapse was started/,
        "^Restart Synapse",
      )[0],
    );
    const copy = join(bridge.folder, "copy.yaml");
    writeFileSync(copy, bridge.kept.registration, { mode: 0o600 });
    const text = readFileSync(bridge.synapse.config, "utf8").split("\n");
    const line = text.findIndex((each) => each.startsWith("app_service_config_files")) + 1;
    expect((await bridge.examined(copy))["registrations"]).toContainEqual(
      bad(bridge.synapse.config, line, `does not list ${copy}`, `restart Synapse:   - "${copy}"$`)[0],
    );
  });

  test("names a registration that is not there, and one that anybody can read", async () => {
    chmodSync(bridge.registration, 0o644);
    expect((await bridge.examined())["files"]).toEqual(
      bad(bridge.registration, null, /Everybody .* \(mode 644\)\.$/, `^chmod o= ${bridge.registration}$`),
    );
    const links = await bridge.examined(join(bridge.folder, "elsewhere.yaml"));
    expect(links["registrations"]?.[0]).toMatchObject({
      status: "bad",
      what: expect.stringMatching(/is not there\.$/),
      cure: "Write it with the register command.",
    });
  });

  test("names a folder for the database that is not there", async () => {
    writeFileSync(bridge.config, `${bridge.kept.config}database: ./gone/bridge.db\n`);
    expect((await bridge.examined())["files"]).toEqual(
      bad(bridge.config, 12, /gone is not there\.$/, "Make it"),
    );
  });

  test("finds the homeserver away, and tries nothing behind it", async () => {
    const [port = 0] = await freePorts(1);
    bridge.edit("config", bridge.synapse.url, `http://127.0.0.1:${port}`);
    const links = await bridge.examined();
    expect(links["homeserver"]).toEqual(
      bad(bridge.config, 2, `does not answer at http://127.0.0.1:${port}.`, "Start it"),
    );
    for (const name of ["clock", "token", "way back", "names", "device", "media", "rooms", "puppets"])
      expect(links[name]).toEqual(untried("the homeserver is not in order"));
  });

  test("finds https where http is spoken and the reverse, and what to write", async () => {
    bridge.edit("config", bridge.synapse.url, bridge.synapse.url.replace("http:", "https:"));
    expect((await bridge.examined())["homeserver"]).toEqual(
      bad(bridge.config, 2, "speaks plain http, not https.", `Write ${bridge.synapse.url}`),
    );
    const port = await before(
      around,
      createHttps(selfSigned, (_, response) => response.end()),
    );
    bridge.edit("config", /url: https:\S+/, `url: http://127.0.0.1:${port}`);
    expect((await bridge.examined())["homeserver"]).toEqual(
      bad(bridge.config, 2, "speaks https, not plain http.", `Write https://127.0.0.1:${port}`),
    );
  });

  test("finds a proxy that answers for the homeserver, one that sends elsewhere, and one that takes the token away", async () => {
    const page = await before(
      around,
      createServer((_, response) => response.end("<html>Welcome</html>")),
    );
    bridge.edit("config", bridge.synapse.url, `http://127.0.0.1:${page}`);
    expect((await bridge.examined())["homeserver"]).toEqual(
      bad(bridge.config, 2, "is not a Matrix homeserver.", "Correct its address"),
    );
    const moved = await before(
      around,
      createServer((_, response) => response.writeHead(301, { location: bridge.synapse.url }).end()),
    );
    bridge.edit("config", `:${page}`, `:${moved}`);
    expect((await bridge.examined())["homeserver"]).toEqual(
      bad(bridge.config, 2, "sends whoever asks to another address", "Put that address"),
    );
    const bare = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) => {
        const { authorization: _, ...others } = asked.headers;
        return { ...asked, headers: others };
      }),
    );
    bridge.edit("config", `:${moved}`, `:${bare}`);
    const links = await bridge.examined();
    expect(links["token"]).toEqual(
      bad(
        bridge.config,
        2,
        "takes the token out of the bridge's requests.",
        "pass the Authorization header on",
      ),
    );
  });

  test("finds a token and a server_name the homeserver does not have", async () => {
    bridge.edit("registration", /^as_token: .*$/m, "as_token: another");
    expect((await bridge.examined())["token"]).toEqual(
      bad(bridge.registration, null, "does not know the as_token of", "app_service_config_files"),
    );
    writeFileSync(bridge.registration, bridge.kept.registration.replaceAll(":localhost", ":home\\.test"));
    writeFileSync(bridge.config, bridge.kept.config.replaceAll("localhost", "home.test"));
    expect((await bridge.examined())["token"]).toEqual(
      bad(
        bridge.config,
        3,
        "server_name is localhost, and homeserver.server_name in the configuration is home.test.",
        "Correct the configuration",
      ),
    );
  });

  test("finds another program in the bridge's place, and a homeserver that calls with another token or cannot call", async () => {
    const taken = createTcp((socket) => socket.destroy()).listen(bridge.port, "127.0.0.1");
    await once(taken, "listening");
    const links = await bridge.examined();
    taken.close();
    expect(links["way back"]).toEqual(
      bad(bridge.config, 5, `Another program listens on 127.0.0.1:${bridge.port}.`, "End it"),
    );
    expect(links["names"]?.[0]?.status).toBe("good");

    bridge.edit("registration", /^hs_token: .*$/m, "hs_token: another");
    expect((await bridge.examined())["way back"]).toEqual(
      bad(bridge.registration, null, "calls with another hs_token", "Give it that file"),
    );
    writeFileSync(bridge.registration, bridge.kept.registration);
    const [free = 0] = await freePorts(1);
    bridge.edit("config", `listen: 127.0.0.1:${bridge.port}`, `listen: 127.0.0.1:${free}`);
    expect((await bridge.examined())["way back"]).toEqual(
      bad(bridge.registration, null, "cannot reach this bridge at", "Correct url"),
    );
  });

  abilitiesTried(() => bridge, around);

  test("finds names that another appservice claims", async () => {
    bridge.edit("config", "appservice:", "appservice:\n  ghost_prefix: _tpc_taken_");
    const links = await bridge.examined();
    expect(links["names"]).toEqual(
      bad(bridge.config, 5, "claims the names that begin with _tpc_taken_", "Look through"),
    );
    expect(links["registrations"]).toContainEqual(
      bad(
        join(bridge.folder, "greedy.yaml"),
        null,
        "namespaces.users claims @_tpc_taken_… for itself alone",
        "Narrow that expression",
      )[0],
    );
  });
});
