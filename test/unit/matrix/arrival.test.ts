import { expect, test } from "@jest/globals";
import type { Log } from "../../../src/core/log.ts";
import { Arrival } from "../../../src/matrix/arrival.ts";
import { FakeHomeserverWorld, quickClock } from "../../kit/fake-homeserver-world.ts";

test("a homeserver that does not answer is named in the log with what to do, until it is there", async () => {
  await using world = await FakeHomeserverWorld.start();
  const { fake, homeserver, registration } = world;
  const warnings: string[] = [];
  const news: string[] = [];
  const log: Log = {
    error() {},
    warn: (words) => void warnings.push(words),
    info: (words) => void news.push(words),
    debug() {},
  };
  const arrived = Promise.withResolvers<void>();
  await fake.crash();
  using arrival = new Arrival({
    homeserverUrl: fake.url,
    registration,
    registrationPath: "registration.yaml",
    homeserver,
    botName: "Bot",
    encryptionCheck: undefined,
    arrived: () => arrived.resolve(),
    clock: quickClock,
    log,
  });
  await arrival.start();
  expect(warnings[0]).toBe(
    `The homeserver does not answer at ${fake.url}. Start it, or correct its address in the configuration.`,
  );
  expect(arrival.trouble).toBe(warnings[0]);
  await arrival.start();
  expect(warnings).toHaveLength(1);
  expect(news).toEqual([]);
  await fake.listen();
  await arrived.promise;
  expect(arrival.trouble).toBeUndefined();
  expect(news).toEqual(["the homeserver is reached, and everything between us is in order"]);
});
