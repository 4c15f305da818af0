import { expect, test } from "@jest/globals";
import type { LoginId } from "../../../../src/core/model/ids.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import { IdlePhone } from "../../../../src/networks/signal/session/idle-phone.ts";
import { openStore } from "../../../../src/store/open.ts";
import { RecordingSink } from "../../../kit/recording-sink.ts";
import { VirtualClock } from "../../../kit/virtual-clock.ts";

const LOGIN = "login-a" as LoginId;
const IDLE = "idle-primary-device";
const CRITICAL = "critical-idle-primary-device";
const DAY = 86_400_000;

test("a phone that Signal misses is told of with a day, again after a week or when it gets worse, and not once it is back", async () => {
  await using store = openStore({ path: ":memory:", log: noLog });
  const sink = new RecordingSink(store, LOGIN);
  const clock = new VirtualClock();
  const account = { number: "+31612345678" };
  const context = { login: LOGIN, store, sink, clock, log: noLog, account };
  const connects = async (...alerts: readonly string[]): Promise<readonly string[]> => {
    // Each start of the bridge knows what was told before it.
    const phone = new IdlePhone(context);
    phone.alerts(alerts);
    await phone.idle();
    return sink.told.splice(0);
  };
  expect(await connects()).toEqual([]);
  expect(await connects("something-else")).toEqual([]);
  const day = new Date(clock.now() + 7 * DAY).toISOString().slice(0, 10);
  expect(await connects("something-else", IDLE)).toEqual([
    `Signal has not seen the phone of +31612345678 for about a month or longer. Open Signal on it by ${day}, with the Internet on: else Signal unlinks all other devices of the account, this bridge too. Signal does not say on which day, so sooner is better.`,
  ]);
  expect(await connects(IDLE)).toEqual([]);
  await clock.advance(6 * DAY);
  expect(await connects(IDLE)).toEqual([]);
  await clock.advance(2 * DAY);
  expect(await connects(IDLE)).toEqual([expect.stringContaining("Open Signal on it today")]);
  expect(await connects(CRITICAL, IDLE)).toEqual([expect.stringContaining("Open Signal on it today")]);
  expect(await connects(CRITICAL)).toEqual([]);
  expect(await connects()).toEqual([]);
  expect(await connects(IDLE)).toEqual([expect.stringMatching(/Open Signal on it by \d{4}-\d\d-\d\d/)]);
});
