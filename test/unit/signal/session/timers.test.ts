import { expect, test } from "@jest/globals";
import type { ChatId, LoginId } from "../../../../src/core/model/ids.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import { signalFamily } from "../../../../src/networks/signal/records.ts";
import { newBatch } from "../../../../src/networks/signal/session/batch.ts";
import { moveTimer, takeTimer, timerOf } from "../../../../src/networks/signal/session/timers.ts";
import type { SignalTransaction } from "../../../../src/signal-protocol/signal-transaction.ts";
import { openStore } from "../../../../src/store/open.ts";

const login = "login-1" as LoginId;
const NUMBER = "pni.796abedb-ca4e-4f18-8803-1fde5b921f9f" as ChatId;
const ACCOUNT = "9d0652a3-dcc3-4d11-975f-74d61598733f" as ChatId;

test("whoever proves that a number is theirs brings its chat's timer along, in the same batch and after it", async () => {
  await using store = openStore({ path: ":memory:", log: noLog });
  const context = { login, store };
  const batch = newBatch({} as SignalTransaction);
  const timer = { seconds: 60, version: 3 };
  expect(await takeTimer(context, batch, NUMBER, timer)).toBe(true);
  await moveTimer(context, batch, NUMBER, ACCOUNT);
  // The message that brought the proof has the timer too: that is no change.
  expect(await takeTimer(context, batch, ACCOUNT, timer)).toBe(false);
  await store.write((tx) => batch.writes.forEach((write) => write(tx)));
  expect(await timerOf(context, ACCOUNT)).toEqual(timer);
  expect(await store.family(signalFamily).timer(login, NUMBER)).toBeUndefined();
});
