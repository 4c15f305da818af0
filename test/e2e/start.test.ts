import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeEach, describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { stringify } from "yaml";
import { buildRegistration, registrationYaml } from "../../src/matrix/registration/registration.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { canHear, NotifySocket } from "../kit/notify-socket.ts";

let folder: string;
/** A homeserver that is not there: the bridge starts all the same and waits for it. */
beforeEach(async () => {
  const [homeserver, appservice, partner] = await freePorts(3);
  folder = mkdtempSync(join(tmpdir(), "start-"));
  const config = {
    homeserver: { url: `http://127.0.0.1:${homeserver}`, server_name: "example.org" },
    appservice: { listen: `127.0.0.1:${appservice}` },
    partner: { url: `http://127.0.0.1:${partner}`, listen: `127.0.0.1:${partner}` },
    permissions: { "example.org": "user" },
  };
  writeFileSync(join(folder, "config.yaml"), stringify(config));
  const registration = buildRegistration({
    id: "bridge",
    url: `http://127.0.0.1:${appservice}`,
    protocols: [],
    botLocalpart: "thirdparty",
    prefix: "_tpc_",
    serverName: "example.org",
    tokens: { as: "an-as-token-of-the-test", hs: "an-hs-token-of-the-test" },
  });
  writeFileSync(join(folder, "registration.yaml"), registrationYaml(registration));
});

class Bridge implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #waiting: (() => void) | undefined;

  /** `preload` is code that runs inside the process before the bridge. */
  constructor(preload = "", environment: Readonly<Record<string, string>> = {}) {
    const code = `data:text/javascript,${encodeURIComponent(preload)}`;
    const args = ["--disable-warning=DEP0060", "--import", code, join(process.cwd(), "src/cli.ts"), "start"];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#ended = once(child, "exit");
    createInterface(child.stderr).on("line", (line) => {
      this.lines.push(line);
      this.#waiting?.();
    });
  }

  async says(words: string): Promise<string> {
    for (;;) {
      const line = this.lines.find((each) => each.includes(words));
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Exit status, once it ended by itself. */
  get status(): Promise<unknown> {
    return this.#ended.then(([status]) => status);
  }

  /** Sends a signal and answers the exit status. */
  async ends(signal: NodeJS.Signals): Promise<unknown> {
    this.#child.kill(signal);
    return (await this.#ended)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

describe("start", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "says that it is ready, and after %s puts everything down",
    async (signal) => {
      await using bridge = new Bridge();
      const ready = await bridge.says("ready");
      expect(ready).toMatch(
        /WARN {2}ready to serve, but not in touch with the homeserver yet; trying again until it is bridge=bridge server=example\.org networks=""$/,
      );
      expect(await bridge.ends(signal)).toBe(0);
      expect(bridge.lines.at(-1)).toMatch(/INFO {2}stopped$/);
      expect(bridge.lines.join("\n")).not.toMatch(/token-of-the-test/);
    },
  );

  test("an error nobody caught is logged without its text, and the bridge goes on", async () => {
    const faults = `setTimeout(() => { Promise.reject(new RangeError("what ana wrote")); }, 1);
      setTimeout(() => { throw new TypeError("what bob wrote"); }, 2);`;
    await using bridge = new Bridge(`process.once("SIGUSR2", () => { ${faults} });`);
    await bridge.says("ready");
    process.kill(bridge.pid, "SIGUSR2");
    expect(await bridge.says("RangeError")).toMatch(/ERROR An error nobody caught kind=rejection/);
    expect(await bridge.says("TypeError")).toMatch(/ERROR An error nobody caught kind=exception/);
    expect(await bridge.ends("SIGTERM")).toBe(0);
    expect(bridge.lines.join("\n")).not.toContain("wrote");
  });

  test("a second start on the same data says what is in the way, and ends with 1", async () => {
    await using first = new Bridge();
    await first.says("ready");
    await using second = new Bridge();
    await second.says("The bridge could not start");
    expect(await second.status).toBe(1);
    expect(second.lines.at(-1)).toMatch(/another|in use|already/i);
  });

  test.each([
    ["of a newer bridge", "PRAGMA user_version = 999", /bridge\.db: .*newer bridge.*backup from before/],
    [
      "of another program",
      "CREATE TABLE notes (text TEXT)",
      /bridge\.db: .*another program.*Name another file/,
    ],
  ])("on a database %s it says so, takes nothing and ends with 1", async (_, sql, words) => {
    const db = new Database(join(folder, "bridge.db"));
    db.exec(sql);
    db.close();
    await using bridge = new Bridge();
    expect(await bridge.status).toBe(1);
    expect(bridge.lines.at(-1)).toMatch(words);
    expect(bridge.lines.join("\n")).not.toContain("ready");
  });
});

(canHear ? describe : describe.skip)("systemd", () => {
  test("is told when the bridge is up, that it lives, and when it ends", async () => {
    using systemd = await NotifySocket.at(join(folder, "notify"));
    await using bridge = new Bridge("", { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "1500000" });
    expect(await systemd.next("READY=1")).toMatch(/^READY=1\nSTATUS=\S.*$/);
    expect(await systemd.next("WATCHDOG=1")).toBe("WATCHDOG=1");
    expect(await systemd.next("WATCHDOG=1")).toBe("WATCHDOG=1");
    const status = bridge.ends("SIGTERM");
    expect(await systemd.next("STOPPING=1")).toContain("STATUS=");
    expect(await status).toBe(0);
  });

  test("that cannot be told is no reason not to run", async () => {
    const nobody = { NOTIFY_SOCKET: join(folder, "nobody"), WATCHDOG_USEC: "600000" };
    await using bridge = new Bridge("", nobody);
    expect(await bridge.says("systemd was not told")).toContain("NotifyAccess=all");
    expect(await bridge.ends("SIGTERM")).toBe(0);
    expect(bridge.lines.filter((line) => line.includes("systemd was not told"))).toHaveLength(1);
  });
});
