import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { OutageAwareHomeserver } from "../../src/matrix/health/outage-aware-homeserver.ts";
import { ContentRepository } from "../../src/matrix/homeserver/content-repository.ts";
import { Requests } from "../../src/matrix/http/requests.ts";
import { buildRegistration } from "../../src/matrix/registration/registration.ts";
import { writeRegistration } from "../../src/matrix/registration/registration-file.ts";
import { LogLines, names, realClock } from "../kit/fake-homeserver-world.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { testSpool } from "../kit/test-spool.ts";

const MiB = 1024 * 1024;
const CHUNK = new Uint8Array(64 * 1024);

/** A homeserver in a process of its own, so that only what our side holds is counted. */
async function elsewhere(stack: AsyncDisposableStack, registration: string): Promise<string> {
  const script = "test/kit/fake-homeserver-process.ts";
  const child = spawn(process.execPath, [script, "--registration", registration], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stack.defer(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return (JSON.parse(line.toString()) as { url: string }).url;
}

test("a hundred megabytes pass in both directions, in the clear and encrypted, without being held", async () => {
  await using stack = new AsyncDisposableStack();
  const tools = await testSpool(stack);
  const { path } = stack.use(temporaryFolder());
  const base = { id: "bridge", ...names, url: "http://127.0.0.1:9", protocols: [] };
  const registration = buildRegistration(base);
  const file = join(path, "registration.yaml");
  await writeRegistration(file, registration);
  const homeserverUrl = await elsewhere(stack, file);
  const parts = { clock: realClock, log: new LogLines(), metrics: noMetrics, tools };
  const homeserver = stack.use(new OutageAwareHomeserver({ homeserverUrl, registration, names, ...parts }));
  const { bot } = homeserver;
  await homeserver.register(bot);

  const size = 100 * MiB;
  const zeros = async function* () {
    for (let left = size; left > 0; left -= CHUNK.length) yield CHUNK;
  };
  await using large = await tools.spool(zeros(), size);
  const untyped = "application/octet-stream";
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 5);
  stack.defer(() => clearInterval(watch));
  const uri = await homeserver.reserveMedia(bot);
  await homeserver.putMedia(bot, uri, large, untyped);
  await using got = await homeserver.openMedia({ uri }, size);
  expect(got.size).toBe(size);

  const around = {
    homeserverUrl,
    asToken: registration.as_token,
    bot,
    clock: realClock,
    stopping: undefined,
  };
  const requests = stack.use(new Requests(around));
  const spool = tools.spool.bind(tools);
  const files = stack.use(new ContentRepository({ ...around, requests, spool }));
  const sealed = await homeserver.sealMedia(large);
  const place = await homeserver.reserveMedia(bot);
  await homeserver.putMedia(bot, place, sealed, untyped);
  await using opened = await files.open({ uri: place, key: sealed.key }, size);
  // Its hash was verified, or it would not have been opened.
  expect(opened.size).toBe(size);
  expect(most).toBeLessThan(40 * MiB);
}, 60_000);
