import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { signalSection } from "../../src/networks/signal/config.ts";
import { Cdn } from "../../src/networks/signal/media/cdn.ts";
import { fetchMedia } from "../../src/networks/signal/media/fetch-media.ts";
import { attachmentRef } from "../../src/networks/signal/media/media-ref.ts";
import { upload } from "../../src/networks/signal/media/upload.ts";
import { type SignalServers, signalServers } from "../../src/networks/signal/servers.ts";
import { realClock } from "../kit/fake-homeserver-world.ts";
import { testSpool } from "../kit/test-spool.ts";

const MiB = 1024 * 1024;
const CHUNK = new Uint8Array(64 * 1024);

/** The mock's host in a process of its own, so that only what our side holds is counted. */
async function elsewhere(stack: AsyncDisposableStack): Promise<SignalServers> {
  const child = spawn(process.execPath, ["tools/signal-mock/run.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stack.defer(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { section } = JSON.parse(line.toString()) as { section: unknown };
  return signalServers(signalSection.parse(section).server);
}

test("a hundred megabytes pass to Signal's host and back without being held", async () => {
  await using stack = new AsyncDisposableStack();
  const tools = await testSpool(stack);
  const servers = await elsewhere(stack);
  const cdn = stack.use(new Cdn({ servers, userAgent: "a bridge" }));
  const uploadForm = async () => {
    const key = randomUUID();
    const signedUploadUrl = new URL(`${servers.cdns.get(3)}/attachments/${key}`);
    return { cdn: 3, key, headers: new Map<string, string>(), signedUploadUrl };
  };

  const size = 100 * MiB;
  const zeros = async function* () {
    for (let left = size; left > 0; left -= CHUNK.length) yield CHUNK;
  };
  await using large = await tools.spool(zeros(), size);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 5);
  const parts = { cdn, tools, clock: realClock };
  const uploaded = await upload({ ...parts, uploadForm }, large);
  await using got = await fetchMedia(parts, attachmentRef(uploaded) ?? "");
  clearInterval(watch);
  expect(got.size).toBe(size);
  expect(most).toBeLessThan(40 * MiB);
}, 60_000);
