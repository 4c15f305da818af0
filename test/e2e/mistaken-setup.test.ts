import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { OutageAwareHomeserver } from "../../src/matrix/health/outage-aware-homeserver.ts";
import { checkBot, checkHomeserver } from "../../src/matrix/health/startup-checks.ts";
import { buildRegistration, type Registration } from "../../src/matrix/registration/registration.ts";
import { writeRegistration } from "../../src/matrix/registration/registration-file.ts";
import { LogLines, realClock } from "../kit/fake-homeserver-world.ts";
import { fastest } from "../kit/fastest.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { testSpool } from "../kit/test-spool.ts";

const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "localhost" };
const around = new AsyncDisposableStack();
let synapse: TestSynapse;
let registration: Registration;
let file: string;

/** Another appservice, which claims these users for itself alone. */
const claiming = (id: string, regex: string): Registration => ({
  ...buildRegistration({ ...names, id, url: "http://127.0.0.1:9", protocols: [] }),
  sender_localpart: `${id}sender`,
  namespaces: { users: [{ exclusive: true, regex }], aliases: [], rooms: [] },
});

beforeAll(async () => {
  const { path: folder } = around.use(temporaryFolder());
  registration = buildRegistration({ ...names, id: "bridge", url: "http://127.0.0.1:9", protocols: [] });
  file = join(folder, "registration.yaml");
  await writeRegistration(file, registration);
  const greedy = join(folder, "greedy.yaml");
  await writeRegistration(greedy, claiming("greedy", "^@_tpc_taken_.*$"));
  synapse = around.use(await TestSynapse.start({ registrations: [file, greedy] }));
});
afterAll(() => around.disposeAsync());

const options = (changes: Partial<typeof names> = {}, homeserverUrl = synapse.url) => ({
  homeserverUrl,
  registration,
  registrationPath: file,
  names: { ...names, ...changes },
});

describe("on a real Synapse", () => {
  test("https where plain http is spoken is named within seconds, with the address to write", async () => {
    const named = async (): Promise<number> => {
      const started = performance.now();
      await expect(
        checkHomeserver(options({}, synapse.url.replace("http:", "https:"))),
      ).rejects.toMatchObject({
        retryAfter: undefined,
        words: `What answers at ${synapse.url.replace("http:", "https:")} speaks plain http, not https. Write ${synapse.url} as homeserver.url in the configuration.`,
      });
      return performance.now() - started;
    };
    expect(await fastest(named)).toBeLessThan(5_000);
  });

  test("another server_name than the homeserver's own is named with both", async () => {
    await checkHomeserver(options());
    await expect(checkHomeserver(options({ serverName: "lokalhost" }))).rejects.toThrow(
      "The homeserver's server_name is localhost, and homeserver.server_name in the configuration is lokalhost.",
    );
  });

  test("names that another appservice claims are noticed, of contacts and of the bot, and nothing is made", async () => {
    const spool = await testSpool(around);
    const homeserverFor = (own: typeof names) =>
      around.use(
        new OutageAwareHomeserver({
          homeserverUrl: synapse.url,
          registration,
          names: own,
          clock: realClock,
          log: new LogLines(),
          metrics: noMetrics,
          tools: spool,
        }),
      );
    await checkBot(options(), homeserverFor(names));
    const taken = { ...names, prefix: "_tpc_taken_" };
    await expect(checkBot(options(taken), homeserverFor(taken))).rejects.toThrow(
      "Another appservice of the homeserver claims the names that begin with _tpc_taken_ for itself alone",
    );
    const bot = { ...names, botLocalpart: "_tpc_taken_bot" };
    await expect(checkBot(options(bot), homeserverFor(bot))).rejects.toThrow(
      "another appservice of the homeserver claims the name @_tpc_taken_bot:localhost for itself alone",
    );
    const { call } = await synapse.person("alice");
    const probe = `@${"_tpc_".padEnd(300, "0")}:localhost` as UserId;
    const profile = await call("GET", `/_matrix/client/v3/profile/${encodeURIComponent(probe)}`).catch(
      String,
    );
    expect(JSON.stringify(profile)).toMatch(/M_NOT_FOUND|M_INVALID|404|400/);
  });
});
