import { join } from "node:path";
import type { UserId } from "../../src/core/model/ids.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { OutageAwareHomeserver } from "../../src/matrix/health/outage-aware-homeserver.ts";
import { DoublePuppets } from "../../src/matrix/homeserver/double-puppets.ts";
import {
  readDoublePuppetRegistration,
  writeDoublePuppetRegistration,
} from "../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration } from "../../src/matrix/registration/registration.ts";
import { writeRegistration } from "../../src/matrix/registration/registration-file.ts";
import { type HomeserverUnderTest, homeserverContract } from "../contract/homeserver-suite.ts";
import { LogLines, realClock } from "../kit/fake-homeserver-world.ts";
import { HttpPerson } from "../kit/http-person.ts";
import { TestSynapse } from "../kit/synapse.ts";
import { temporaryFolder } from "../kit/temporary-folder.ts";
import { testSpool } from "../kit/test-spool.ts";

async function onSynapse(): Promise<HomeserverUnderTest> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(temporaryFolder());
  const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "localhost" };
  const registration = buildRegistration({
    ...names,
    id: "thirdpartychats",
    url: "http://127.0.0.1:9",
    protocols: [],
  });
  const file = join(folder, "registration.yaml");
  await writeRegistration(file, registration);
  const second = join(folder, "second.yaml");
  await writeDoublePuppetRegistration(second, { id: "thirdpartychats", serverName: "localhost" });
  const asToken = (await readDoublePuppetRegistration(second, "localhost"))?.as_token;
  const synapse = stack.use(await TestSynapse.start({ registrations: [file, second] }));
  const homeserver = stack.use(
    new OutageAwareHomeserver({
      homeserverUrl: synapse.url,
      registration,
      names,
      clock: realClock,
      log: new LogLines(),
      metrics: noMetrics,
      tools: await testSpool(stack),
    }),
  );
  const { bot } = homeserver;
  const puppets = stack.use(
    new DoublePuppets({
      homeserverUrl: synapse.url,
      serverName: "localhost",
      asToken,
      bot,
      clock: realClock,
    }),
  );
  const owned = stack.move();
  return {
    puppets,
    homeserver,
    async person(localpart) {
      const { userId, call } = await synapse.person(localpart);
      return new HttpPerson(userId as UserId, call);
    },
    async deactivate(user, erase) {
      await (await synapse.admin()).ask("POST", `v1/deactivate/${encodeURIComponent(user)}`, { erase });
    },
    async lock(user) {
      await (await synapse.admin()).ask("PUT", `v2/users/${encodeURIComponent(user)}`, { locked: true });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

homeserverContract("ours, on Synapse", onSynapse);
