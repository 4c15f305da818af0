import { signalSection } from "../../src/networks/signal/config.ts";
import { SignalNetwork } from "../../src/networks/signal/connector.ts";
import { processRandom } from "../../src/program/process-clock.ts";
import { memoryTools } from "../../test/kit/memory-tools.ts";
import { RecordingSink } from "../../test/kit/recording-sink.ts";
import { LinkingWorld } from "../../test/kit/signal/linking.ts";
import { inMs, type Result } from "./results.ts";

const LOGINS = 100;
const PATIENCE = 120_000;

/** So many people with Signal linked: how long until all are connected after a start, and the memory of each. */
export async function signalLogins(): Promise<readonly Result[]> {
  await using world = await LinkingWorld.start();
  const stopping = new AbortController();
  const network = new SignalNetwork({
    section: signalSection.parse(world.mock.section),
    store: world.store,
    clock: world.clock,
    random: processRandom,
    tools: memoryTools,
    log: world.log,
    stopping: stopping.signal,
  });
  const connected = async (login: Parameters<SignalNetwork["connect"]>[0]) => {
    const client = network.connect(login, new RecordingSink(world.store, login.id));
    await client.connected(AbortSignal.timeout(PATIENCE));
    return client;
  };
  const logins = [];
  for (let each = 1; each <= LOGINS; each += 1) {
    const { login, device } = await world.linked(await world.mock.person(`Person ${each}`));
    await using _ = await connected(login);
    await device;
    logins.push(login);
  }
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const clients = await Promise.all(logins.map(connected));
  const took = performance.now() - began;
  const each = (process.memoryUsage().rss - before) / LOGINS / 2 ** 20;
  for (const client of clients) await client[Symbol.asyncDispose]();
  stopping.abort();
  return [
    {
      what: `Signal: ${LOGINS} logins, from the start until all are connected`,
      measured: `${inMs(took)}; memory of each, with the mock's end: ${each.toFixed(1)} MiB`,
      aim: "–",
      limit: "a TLS connection each, and the mock in the same process",
    },
  ];
}
