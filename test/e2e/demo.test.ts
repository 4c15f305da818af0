import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { untilConnected } from "../../tools/demo/opt-in.ts";
import { MatrixClient } from "../../tools/matrix/client.ts";
import { SandboxControl } from "../../tools/sandbox/control.ts";
import { integrator } from "../../tools/world/sandbox-yaml.ts";
import { type DemoJson, type DemoPart, DemoProcess, isAlive } from "../kit/demo-process.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { e2eTimeout } from "../kit/world.ts";

describe("npm run demo", () => {
  let folder: TemporaryFolder;

  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => folder[Symbol.dispose]());

  test(
    "--once carries the conversation, shows both sides and ends with 0",
    async () => {
      await using demo = new DemoProcess(["--once", "--data", folder.path]);
      expect(await demo.ended).toBe(0);
      expect(demo.stdout).toMatch(/Wim de Vries, WhatsApp › Hi Ana!/);
      expect(demo.stdout).toMatch(/Ana's Matrix ‹\s+Wim de Vries.*: Hi Ana!/);
      expect(demo.stdout).toMatch(/Mara's phone, Messenger ‹.*Nor on mine\./);
      expect(demo.stdout).toMatch(/Sanne's phone, Signal ‹.*one more of my devices\./);
      expect(demo.stdout).toMatch(/12 of 12 messages arrived/);
      expectReceiptsBehindTexts(demo.stdout);
      expect(demo.stdout).toMatch(/What to try next:\n.*npm run demo[^]*Five minutes[^\n]*\n$/);
    },
    e2eTimeout,
  );

  describe("of which two run", () => {
    let demo: DemoProcess;
    let told: DemoJson;

    beforeAll(async () => {
      demo = new DemoProcess(["--json", "--data", folder.path]);
      told = await demo.up();
    }, e2eTimeout);
    afterAll(() => demo[Symbol.asyncDispose]());

    test(
      "get ports and folders of their own; what one that was killed with -9 left running is ended by the next, which takes up its data and ports; SIGINT ends every process of one, and none of the other",
      async () => {
        await using killed = new DemoProcess(["--json", "--data", folder.path], { direct: true });
        const before = await killed.up();
        const addresses = [told, before].flatMap(({ homeserver, sandbox, appservice, page }) => [
          homeserver,
          sandbox,
          appservice,
          page,
        ]);
        expect(new Set(addresses.map((address) => new URL(address).port)).size).toBe(8);
        expect(before.database).not.toBe(told.database);
        await killed.kill();
        expect(Object.values(before.pids).filter(isAlive)).toHaveLength(4);

        await using next = new DemoProcess(["--json", "--data", folder.path]);
        const after = await next.up();
        expect(Object.values(before.pids).filter(isAlive)).toEqual([]);
        const { pids: _before, env: _environment, ...kept } = before;
        expect(after).toMatchObject(kept);

        expect(await next.interrupt()).toBe(0);
        expect(Object.values(after.pids).filter(isAlive)).toEqual([]);
        expect(Object.values(told.pids).filter(isAlive)).toHaveLength(4);
      },
      e2eTimeout,
    );

    test(
      "--json prints one line, restarts nothing, lives on by the commands it gave, and ends only what it started",
      async () => {
        expectContract(told);
        const { users, pids } = told;
        // Without --json that is standard output.
        expect(demo.stderr).toMatch(new RegExp(`^Open ${told.page} in a browser`));
        const known = await fetch(`${told.homeserver}/.well-known/matrix/client`);
        expect(await known.json()).toEqual({ "m.homeserver": { base_url: `${told.homeserver}/` } });
        // Without the second registration nobody could act for Ana.
        await expectToBeActedFor(told);
        expect(users.map(({ opted_in }) => opted_in)).toEqual([true, true, false]);

        const control = new SandboxControl(told.sandbox);
        const online = (await control.users()).filter(({ connected }) => connected);
        expect(new Set(online.map(({ network, visible_id }) => `${network} ${visible_id}`))).toEqual(
          new Set(
            users
              .slice(0, 2)
              .flatMap(({ visible_id }) => [`whatsapp ${visible_id}`, `messenger ${visible_id}`]),
          ),
        );

        const children = new Map<DemoPart, ChildProcess>();
        using restarted = new DisposableStack();
        for (const part of ["bridge", "synapse", "sandbox"] as const) {
          process.kill(pids[part], "SIGKILL");
          const [program, ...args] = told.commands[part];
          const more = part === "bridge" ? ["-c", told.config] : [];
          const child = spawn(program, [...args, ...more], { cwd: told.cwd, env: told.env, stdio: "ignore" });
          restarted.defer(() => void child.kill("SIGKILL"));
          children.set(part, child);
        }
        await crossBothWays(told, control);
        expect(demo.stdout.trimEnd().split("\n")).toHaveLength(1);

        expect(await demo.interrupt()).toBe(0);
        for (const [part, child] of children) {
          expect({ part, alive: child.exitCode === null && child.signalCode === null }).toEqual({
            part,
            alive: true,
          });
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          await ended;
        }
        expect(Object.values(pids).filter(isAlive)).toEqual([]);
      },
      e2eTimeout,
    );
  });

  test(
    "a chat that a contact began under --json, with nobody there to join it, is joined for its person, and goes on in the next conversation",
    async () => {
      using fresh = temporaryFolder();
      await using first = new DemoProcess(["--json", "--data", fresh.path]);
      const { sandbox, homeserver, user_id, password } = await first.up();
      await using client = await MatrixClient.login({ homeserver, user: user_id, password });
      // This client accepts nothing: the bridge joins for its person, under the second registration.
      const shown = client.next("Wim's text", ({ content }) => content["body"] === "Are you there?");
      await new SandboxControl(sandbox).call("POST", "/people/wa-1/do", {
        verb: "says",
        to: user_id,
        text: "Are you there?",
      });
      await shown;
      expect(await first.interrupt()).toBe(0);
      await using second = new DemoProcess(["--once", "--data", fresh.path]);
      expect(await second.ended).toBe(0);
      expect(second.stdout).toMatch(/12 of 12 messages arrived/);
    },
    e2eTimeout,
  );
});

/** Each receipt on a contact's phone is for a text that was shown in Matrix before it. */
function expectReceiptsBehindTexts(screen: string): void {
  let [texts, delivered] = [0, 0];
  for (const line of screen.split("\n")) {
    // What the bot says of somebody who writes for the first time is no text of theirs.
    if (/Ana's Matrix ‹(?! +Third-party chats bot:)/.test(line)) texts += 1;
    if (!line.includes("✓ delivered")) continue;
    delivered += 1;
    expect({ line, delivered }).toEqual({ line, delivered: Math.min(delivered, texts) });
  }
  expect(texts).toBe(6);
}

function expectContract(told: DemoJson): void {
  const [first] = told.users;
  const { user_id, password, visible_id } = first ?? { user_id: "", password: "", visible_id: "" };
  expect(told).toMatchObject({ user_id, password, visible_id });
  expect(told.user_id).toMatch(new RegExp(`^@[a-z]+:${told.server_name}$`));
  expect(told.bot_id).toMatch(new RegExp(`^@thirdparty:${told.server_name}$`));
  for (const url of [told.homeserver, told.sandbox, told.signal, told.appservice])
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(told.page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  for (const path of [told.registration, told.config, told.database, told.cwd, ...Object.values(told.logs)]) {
    expect({ path, there: existsSync(path) }).toEqual({ path, there: true });
  }
  for (const token of [told.hs_token, told.as_token, told.registration_shared_secret])
    expect(token.length).toBeGreaterThan(20);
  expect(Object.values(told.pids).filter(isAlive)).toHaveLength(4);
  for (const [program] of Object.values(told.commands)) expect(program).toMatch(/^\//);
}

async function expectToBeActedFor({ homeserver, user_id, registration }: DemoJson): Promise<void> {
  const second = readFileSync(join(dirname(registration), "doublepuppet-registration.yaml"), "utf8");
  const { as_token: token } = parse(second) as { readonly as_token: string };
  const whoami = `${homeserver}/_matrix/client/v3/account/whoami?user_id=${encodeURIComponent(user_id)}`;
  const answer = await fetch(whoami, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ user_id });
}

/** A message each way, from and to a contact who is new. */
async function crossBothWays(
  { homeserver, user_id, password }: DemoJson,
  control: SandboxControl,
): Promise<void> {
  await untilThere(() => untilConnected(control, "whatsapp", user_id));
  await using client = await untilThere(() => MatrixClient.login({ homeserver, user: user_id, password }));
  client.acceptsInvites = true;
  const phone = await control.addContact({
    network: "whatsapp",
    name: "Otto",
    phone: "+31699999999",
    apps: [integrator],
  });
  const shown = client.next("the message", ({ content }) => content["body"] === "after the crash", 90);
  await phone.says(user_id, "after the crash");
  const { roomId } = await shown;
  await client.say(roomId, "all is well");
  await phone.hears("all is well", { seconds: 90 });
}

/** Tries again while a part is on its way up. */
async function untilThere<T>(act: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; ) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await once(AbortSignal.timeout(100), "abort");
    }
  }
}
