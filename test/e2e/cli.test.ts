import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { parse, stringify } from "yaml";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  // Without its last section, which names the second registration: each test says where that is.
  const [sample = ""] = readFileSync("config/config.sample.yaml", "utf8").split(/\n(?=double_puppet:)/);
  writeFileSync(join(folder, "config.yaml"), `${sample}\n`);
});

/** Puts a person's own values in place of the sample's. */
function fillIn(): void {
  const file = join(folder, "config.yaml");
  const key = Buffer.alloc(32, 7).toString("base64");
  const text = readFileSync(file, "utf8").replaceAll(/example\.(org|net)/g, "home.test");
  writeFileSync(file, text.replaceAll(/root_key: .*/g, `root_key: ${key}`));
}

/** Runs the program as a person would and waits for its end. */
async function cli(...words: string[]) {
  const child = spawn(
    process.execPath,
    ["--disable-warning=DEP0060", join(process.cwd(), "src/cli.ts"), ...words],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  return { status: Number(status), out, err };
}

describe("the program", () => {
  test("tells its version and what it can do", async () => {
    const version = String(Object(JSON.parse(readFileSync("package.json", "utf8"))).version);
    expect(await cli("version")).toEqual({ status: 0, out: `${version}\n`, err: "" });
    expect((await cli("help")).out).toContain("check-config");
    expect((await cli("register", "--help")).out).toContain("--force");
  });

  test("ends without a stack where nobody reads on, as before head", async () => {
    const program = `"${process.execPath}" --disable-warning=DEP0060 "${join(process.cwd(), "src/cli.ts")}"`;
    const child = spawn("sh", ["-c", `${program} doctor | true`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    expect(await text(child.stderr)).toBe("");
  });

  test("ends with 2 and words when it is mistyped", async () => {
    const { status, out, err } = await cli("strat");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain('Did you mean "start"?');
  });

  test("check-config names each value of the sample that was left, with its line", async () => {
    const { status, out, err } = await cli("check-config");
    expect([status, out]).toEqual([1, ""]);
    const lines = err.trimEnd().split("\n");
    expect(lines[0]).toBe("config.yaml has 8 errors:");
    expect(
      lines.map((line) => /^ {2}config\.yaml:\d+: (\S+) is still the sample's\./.exec(line)?.[1]),
    ).toEqual([
      undefined,
      "homeserver.server_name",
      "networks.meta_interop.partner.url",
      "networks.whatsapp.url",
      "networks.whatsapp.root_key",
      "networks.messenger.url",
      "networks.messenger.root_key",
      "permissions.example.org",
      "permissions.@admin:example.org",
    ]);
  });

  test("check-config and register take keys at their earlier place, and check-config says where they belong", async () => {
    const text = readFileSync(join(folder, "config.yaml"), "utf8").replaceAll(
      /example\.(org|net)/g,
      "home.test",
    );
    const [, section = ""] = /  meta_interop:\n([^]*?)  whatsapp:\n/.exec(text) ?? [];
    const earlier = `${text.replace(`  meta_interop:\n${section}`, "")}${section.replaceAll(/^ {4}/gm, "")}`;
    writeFileSync(join(folder, "earlier.yaml"), earlier.replaceAll("q83vEjRW", "AAAAAAAA"));
    const { status, out, err } = await cli("check-config", "-c", "earlier.yaml");
    expect(status).toBe(0);
    expect(out).toContain("earlier.yaml is in order.");
    expect(err.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^earlier\.yaml:\d+: partner .* write it as networks\.meta_interop\.partner,/),
      expect.stringMatching(
        /^earlier\.yaml:\d+: identifiers .* write it as networks\.meta_interop\.identifiers,/,
      ),
    ]);
    expect(await cli("register", "-c", "earlier.yaml", "-r", "earlier-registration.yaml")).toMatchObject({
      status: 0,
      err: "",
    });
  });

  test("check-config names permissions that no user of the server has", async () => {
    const text = readFileSync(join(folder, "config.yaml"), "utf8").replaceAll("example.org", "home.test");
    writeFileSync(
      join(folder, "typo.yaml"),
      text
        .replace('"home.test": user', '"hoem.test": user')
        .replace('"@admin:home.test": admin', '"@admin:hoem.test": admin'),
    );
    const { status, err } = await cli("check-config", "-c", "typo.yaml");
    expect(status).toBe(1);
    expect(err).toMatch(
      /typo\.yaml:\d+: permissions names nobody of home\.test, so no user .* Write “"home\.test": user”/,
    );
  });

  test("check-config says whether a registration fits", async () => {
    fillIn();
    await cli("register");
    expect(await cli("check-config", "-r", "registration.yaml")).toMatchObject({
      status: 0,
      err: "",
      out: expect.stringContaining("registration.yaml fits it."),
    });
    const file = join(folder, "registration.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^url: .*$/m, "url: http://127.0.0.1:1"));
    const words =
      /registration\.yaml: url is http:\/\/127\.0\.0\.1:1 here and http:\/\/127\.0\.0\.1:29340 in the configuration \(appservice\.url\)\./;
    const { status, err } = await cli("check-config", "-r", "registration.yaml");
    expect(status).toBe(1);
    expect(err).toMatch(words);
  });

  test("start warns of what is still the sample's and of a registration that differs, and goes on", async () => {
    await cli("register");
    const file = join(folder, "registration.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^url: .*$/m, "url: http://127.0.0.1:1"));
    const child = spawn(
      process.execPath,
      ["--disable-warning=DEP0060", join(process.cwd(), "src/cli.ts"), "start"],
      { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = once(child, "exit");
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      lines.push(line);
      if (line.includes("ready to serve")) child.kill("SIGTERM");
    }
    expect((await ended)[0]).toBe(0);
    const warnings = lines.filter((line) => line.includes(" WARN "));
    expect(warnings.filter((line) => line.includes("is still the sample's"))).toHaveLength(8);
    expect(warnings).toContainEqual(expect.stringContaining("url is http://127.0.0.1:1 here and"));
  });

  test("check-config approves what is whole, and ends with 1 and a line number otherwise", async () => {
    fillIn();
    expect(await cli("check-config")).toMatchObject({ status: 0, err: "" });
    writeFileSync(
      join(folder, "bad.yaml"),
      readFileSync(join(folder, "config.yaml"), "utf8").replace("  server_name:", "  servername:"),
    );
    const { status, err } = await cli("check-config", "-c", "config.yaml", "-c", "bad.yaml");
    expect(status).toBe(1);
    expect(err).toMatch(/^bad\.yaml has 2 errors:\n {2}bad\.yaml:\d+: .*server_name/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("register writes a file for its owner only, keeps it, and makes a new one when forced", async () => {
    const path = join(folder, "registration.yaml");
    const second = join(folder, "doublepuppet-registration.yaml");
    const tokens = (file = path) => String(Object(parse(readFileSync(file, "utf8"))).as_token);
    const first = await cli("register");
    expect(first).toMatchObject({ status: 0, err: "" });
    expect(first.out).toContain(
      `app_service_config_files:\n  - ${JSON.stringify(path)}\n  - ${JSON.stringify(second)}`,
    );
    for (const file of [path, second]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(first.out).not.toContain(tokens(file));
    }
    const token = tokens();

    const again = await cli("register");
    expect(again).toMatchObject({ status: 1, out: "" });
    expect(again.err).toContain("--force");
    expect(tokens()).toBe(token);

    const secondToken = tokens(second);
    const passedOn = {
      "io.element.msc4512.proxy_prefix": "rtc/livekit/third-party-chats",
      "io.element.msc4512.proxy_url": "http://127.0.0.1:1",
    };
    appendFileSync(path, stringify(passedOn));
    expect((await cli("register", "--force", "-r", path)).status).toBe(0);
    expect(tokens()).not.toBe(token);
    expect(tokens(second)).not.toBe(secondToken);
    expect(parse(readFileSync(path, "utf8"))).toMatchObject(passedOn);
  });

  test("register adds the second registration where only the first is, and leaves that as it is", async () => {
    await cli("register");
    const path = join(folder, "registration.yaml");
    const before = readFileSync(path, "utf8");
    rmSync(join(folder, "doublepuppet-registration.yaml"));
    const { status, out } = await cli("register");
    expect([status, readFileSync(path, "utf8")]).toEqual([0, before]);
    expect(out).toContain("Kept registration.yaml");
    const second: unknown = parse(readFileSync(join(folder, "doublepuppet-registration.yaml"), "utf8"));
    expect(second).toMatchObject({ url: null, namespaces: { users: [{ exclusive: false }] } });
  });

  test("register writes the second registration where the configuration says", async () => {
    appendFileSync(join(folder, "config.yaml"), "double_puppet: { registration: ./second.yaml }\n");
    await cli("register", "-r", "first.yaml");
    expect(readFileSync(join(folder, "second.yaml"), "utf8")).toContain("url: null");
    expect(() => statSync(join(folder, "doublepuppet-registration.yaml"))).toThrow("ENOENT");
  });

  test.each([
    ["register", "-r", "."],
    ["register", "--force", "-r", "."],
    ["start", "-r", "."],
  ])("%s %s %s names the mistake: a folder where a file is wanted", async (...args) => {
    const { status, err } = await cli(...args);
    expect({ status, err: err.trim() }).toEqual({ status: 1, err: ". is a folder; name a file." });
  });

  test("start without a registration says how to make one", async () => {
    const { status, err } = await cli("start");
    expect(status).toBe(1);
    expect(err).toContain("register");
    expect(err).not.toMatch(/\n\s+at /);
  });
});
