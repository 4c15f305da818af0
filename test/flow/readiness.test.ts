import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { parseConfig } from "../../src/config/load.ts";
import type { Log } from "../../src/core/ports/log.ts";
import { startBridge } from "../../src/main.ts";
import { buildRegistration } from "../../src/matrix/registration/registration.ts";
import { networksConfig } from "../../src/networks/registry.ts";
import { checkConfig } from "../../src/sandbox/config.ts";
import { startGatekeeper } from "../../src/sandbox/server.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { FakeHomeserver } from "../kit/fake-homeserver.ts";
import { quietLog } from "../kit/interop-world.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";

interface Readiness {
  readonly status: number;
  readonly body: { readonly ready: boolean; readonly reasons?: readonly string[] };
}

// The bridge loads these once its homeserver is there. Jest takes seconds to load them, which no start does.
beforeAll(async () => {
  await Promise.all([
    import("../../src/matrix/homeserver/framework.ts"),
    import("../../src/media/avatar.ts"),
    import("undici"),
  ]);
}, 60_000);

/** A whole bridge whose homeserver is not there yet. `networks`: that section of its configuration. */
async function started(stack: AsyncDisposableStack, networks: object = {}, log: Log = quietLog) {
  const [port = 0, appservice, partner, health] = await freePorts(4);
  const { path: folder } = stack.use(temporaryFolder());
  const fake = stack.use(await FakeHomeserver.start({ serverName: "example.org", port }));
  await fake.crash();
  const text = stringify({
    homeserver: { url: fake.url, server_name: "example.org" },
    appservice: { listen: `127.0.0.1:${appservice}` },
    partner: { url: `http://127.0.0.1:${partner}`, listen: `127.0.0.1:${partner}` },
    health: { listen: `127.0.0.1:${health}` },
    permissions: { "example.org": "user" },
    networks,
  });
  const file = join(folder, "config.yaml");
  const config = parseConfig(text, { file, networks: networksConfig, environment: {} });
  const registration = buildRegistration({
    id: "bridge",
    url: `http://127.0.0.1:${appservice}`,
    protocols: [],
    botLocalpart: config.appservice.bot,
    prefix: config.appservice.ghost_prefix,
    serverName: "example.org",
  });
  fake.use(registration);
  const options = {
    config,
    registration,
    registrationPath: "registration.yaml",
    configPath: file,
    doublePuppet: undefined,
  };
  const bridge = stack.use(await startBridge({ ...options, version: "test", log }));
  const ready = async (): Promise<Readiness> => {
    const answer = await fetch(`http://127.0.0.1:${health}/ready`);
    return { status: answer.status, body: (await answer.json()) as Readiness["body"] };
  };
  const becomes = async (status: number): Promise<Readiness> => {
    for (let at = await ready(); ; at = await ready()) {
      if (at.status === status) return at;
      await pause(20);
    }
  };
  return { fake, bridge, ready, becomes };
}

test("a start without its homeserver says so; ready is what it is when the homeserver is, soon after", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, bridge, ready, becomes } = await started(stack);
  const away = `The homeserver does not answer at ${fake.url}.`;
  expect(bridge.trouble).toContain(away);
  expect((await ready()).body.reasons?.[0]).toContain(away);
  const back = async (): Promise<number> => {
    await fake.listen();
    const there = performance.now();
    await becomes(200);
    return performance.now() - there;
  };
  const outage = async (): Promise<number> => {
    await fake.crash();
    const { body } = await becomes(503);
    expect(body.reasons?.length).toBeGreaterThan(0);
    return back();
  };
  const after = [await back(), await outage()];
  // A busy machine tells nothing of the bridge.
  for (let tries = 0; tries < 2 && Math.min(...after) >= 3000; tries += 1) after.push(await outage());
  expect(Math.min(...after)).toBeLessThan(3000);
}, 30_000);

test("a network that is down at the start is one warning and a reason not to be ready, until it is there", async () => {
  await using stack = new AsyncDisposableStack();
  const warnings: string[] = [];
  const warned = Promise.withResolvers<void>();
  const log: Log = {
    ...quietLog,
    warn(message) {
      if (!message.startsWith("WhatsApp")) return;
      warnings.push(message);
      warned.resolve();
    },
  };
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}/whatsapp`;
  const { fake, becomes, ready } = await started(
    stack,
    { whatsapp: { url, root_key: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" } },
    log,
  );
  await fake.listen();
  await warned.promise;
  const why = `WhatsApp cannot be used. Nothing answers at ${url} (ECONNREFUSED).`;
  expect(warnings).toEqual([expect.stringContaining(why)]);
  expect((await ready()).body.reasons).toContainEqual(expect.stringContaining(why));
  const network = stack.use(
    await startGatekeeper(checkConfig({ listen: { host: "127.0.0.1", port } }), quietLog),
  );
  expect(network.url).toBe(`http://127.0.0.1:${port}`);
  expect((await becomes(200)).body).toEqual({ ready: true });
  expect(warnings).toHaveLength(1);
}, 30_000);
