import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { buildDoublePuppetRegistration } from "../../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration, registrationYaml } from "../../../src/matrix/registration/registration.ts";
import { isRoot } from "../../kit/nobody.ts";
import { runProgram, TypedProgram } from "../../kit/program.ts";
import { SmallDisk } from "../../kit/small-disk.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const earlier = `# My bridge.
homeserver: { url: "http://127.0.0.1:8008", server_name: home.test }
appservice:
  listen: 127.0.0.1:29340
# By which the networks know us.
partner: { url: https://chats.home.test, listen: "127.0.0.1:29341" }
permissions: { home.test: user }
`;
const present = `# My bridge.
homeserver: { url: "http://127.0.0.1:8008", server_name: home.test }
appservice:
  listen: 127.0.0.1:29340
permissions: { home.test: user }
networks:
  meta_interop:
    # By which the networks know us.
    partner: { url: https://chats.home.test, listen: "127.0.0.1:29341" }
`;

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "home.test", protocols: [] };
const registration = () =>
  buildRegistration({
    ...names,
    id: "thirdpartychats",
    url: "http://127.0.0.1:29340",
    tokens: { as: "A1", hs: "H1" },
  });

let folder: TemporaryFolder;
let config: string;
let first: string;
let second: string;
beforeEach(() => {
  folder = temporaryFolder();
  config = join(folder.path, "config.yaml");
  first = join(folder.path, "registration.yaml");
  second = join(folder.path, "doublepuppet-registration.yaml");
});
afterEach(() => folder[Symbol.dispose]());

const upgrade = (...flags: readonly string[]) =>
  runProgram(["config", "upgrade", "-c", config, "-r", first, ...flags]);

describe("config upgrade", () => {
  test("shows what it would write, writes it when told, keeps what was, and then has nothing to do", async () => {
    writeFileSync(config, earlier, { mode: 0o640 });
    const shown = await upgrade();
    expect(shown).toMatchObject({ status: 1, err: "" });
    expect(shown.out).toContain('-partner: { url: https://chats.home.test, listen: "127.0.0.1:29341" }\n');
    expect(shown.out).toContain("+    # By which the networks know us.\n");
    expect(shown.out).toContain("Nothing was written. Add --write to write this.");
    expect(shown.out).not.toContain("\u001b");
    expect(readFileSync(config, "utf8")).toBe(earlier);

    const written = await upgrade("--write");
    expect(written.status).toBe(0);
    expect(written.out).toContain(`Wrote ${config}; what it was is in ${config}.before-upgrade.`);
    expect(readFileSync(config, "utf8")).toBe(present);
    expect(readFileSync(`${config}.before-upgrade`, "utf8")).toBe(earlier);
    for (const file of [config, `${config}.before-upgrade`]) expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder.path).toSorted()).toEqual(["config.yaml", "config.yaml.before-upgrade"]);
    expect(await upgrade()).toEqual({
      status: 0,
      out: `Nothing to write: ${config} and the registrations are as this version has them.\n`,
      err: "",
    });
  });

  test("brings the registrations up too, with their tokens and names, and never shows a token", async () => {
    writeFileSync(config, present);
    const { receive_ephemeral: _, ...old } = registration();
    writeFileSync(first, registrationYaml({ ...old, url: "http://127.0.0.1:1", sender_localpart: "mine" }));
    const puppets = buildDoublePuppetRegistration({ id: "thirdpartychats", serverName: "home.test" });
    writeFileSync(second, registrationYaml({ ...puppets, rate_limited: true }));
    const { status, out } = await upgrade("--write", "--json");
    expect(status).toBe(0);
    const { files } = JSON.parse(out) as { files: readonly { file: string; diff: string; kept: string }[] };
    expect(files.map(({ file, kept }) => [file, kept])).toEqual([
      [first, `${first}.before-upgrade`],
      [second, `${second}.before-upgrade`],
    ]);
    expect(files[0]?.diff).toContain("-url: http://127.0.0.1:1\n+url: http://127.0.0.1:29340");
    expect(out).not.toMatch(/A1|H1/);
    expect(out).not.toContain(puppets.as_token);
    expect(parse(readFileSync(first, "utf8"))).toEqual({ ...registration(), sender_localpart: "mine" });
    expect(parse(readFileSync(second, "utf8"))).toEqual(puppets);
    expect(readFileSync(first, "utf8")).toMatch(/^# Who this bridge is/);
    expect(JSON.parse((await upgrade("--json")).out)).toEqual({ ok: true, files: [], remarks: [] });
  });

  test("shows no secret, in whichever way it is written", async () => {
    const secret = "s3cret-of-the-provisioning-API-0123456789";
    writeFileSync(
      config,
      `${earlier}provisioning: { listen: "127.0.0.1:29343", shared_secret: "${secret}" } # ours\n`,
    );
    const { receive_ephemeral: _, ...old } = registration();
    writeFileSync(first, JSON.stringify({ ...old, as_token: "A-token", hs_token: "H-token" }));
    for (const flags of [[], ["--json"], ["--write"]]) {
      const { out } = await upgrade(...flags);
      expect(out).toContain("shared_secret: …");
      expect(out).not.toMatch(/s3cret|A-token|H-token/);
    }
    expect(readFileSync(config, "utf8")).toContain(secret);
    expect(parse(readFileSync(first, "utf8"))).toMatchObject({ as_token: "A-token", hs_token: "H-token" });
  });

  test("writes all files or none", async () => {
    writeFileSync(config, earlier);
    // There is no room behind its name for the copy's, not even for root.
    first = join(folder.path, `${"r".repeat(236)}.yaml`);
    const old = registrationYaml({ ...registration(), url: "http://127.0.0.1:1" });
    writeFileSync(first, old);
    const { status, out, err } = await upgrade("--write");
    expect([status, out]).toEqual([1, expect.not.stringContaining("Wrote")]);
    expect(err).toMatch(/\.before-upgrade cannot be written \(File name too long\)\. Nothing was changed: /);
    expect([readFileSync(config, "utf8"), readFileSync(first, "utf8")]).toEqual([earlier, old]);
    expect(readdirSync(folder.path)).toHaveLength(2);
  });

  test("asks at a terminal, and writes after a yes alone", async () => {
    writeFileSync(config, earlier);
    for (const [answer, status] of [
      ["", 1],
      ["yes", 0],
    ] as const) {
      await using typed = new TypedProgram(["config", "upgrade", "-c", config, "-r", first]);
      await typed.shows(/Write this\? \[no\]: /);
      typed.type(`${answer}\r`);
      expect(await typed.ended).toBe(status);
      expect(readFileSync(config, "utf8")).toBe(status === 0 ? present : earlier);
    }
  });

  test("says in a sentence what cannot be read or written, and changes nothing", async () => {
    expect(await upgrade()).toMatchObject({
      status: 1,
      out: "",
      err: expect.stringMatching(/^There is no file /),
    });
    writeFileSync(config, "homeserver: [\n");
    expect((await upgrade("--json")).out).toMatch(/^\{"ok":false,"error":"[^"]*config.yaml has one error:/);
    writeFileSync(config, present);
    writeFileSync(first, "no: registration\n");
    expect((await upgrade()).err).toMatch(
      /^\S+registration\.yaml: The registration is missing or has a wrong value/,
    );
  });

  (isRoot ? test : test.skip)("leaves all as it was on a full disk", async () => {
    using disk = new SmallDisk(1);
    const data = join(disk.path, "data");
    mkdirSync(data);
    config = join(data, "config.yaml");
    writeFileSync(config, earlier);
    disk.fill();
    const { status, err } = await upgrade("--write");
    expect(status).toBe(1);
    expect(err).toMatch(/cannot be written \(No space left on device\)\. Nothing was changed: /);
    expect(readFileSync(config, "utf8")).toBe(earlier);
    expect(readdirSync(data)).toEqual(["config.yaml"]);
  });
});
