import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import type { LoginId, PersonId } from "../../../../src/core/model/ids.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import { Profiles } from "../../../../src/networks/signal/contacts/profiles.ts";
import { signalFamily } from "../../../../src/networks/signal/records.ts";
import { sealStored } from "../../../../src/networks/signal/storage/storage-keys.ts";
import { openStore } from "../../../../src/store/open.ts";
import { RecordingSink } from "../../../kit/recording-sink.ts";
import { VirtualClock } from "../../../kit/virtual-clock.ts";

const LOGIN = "login-a" as LoginId;
const BRAM = "11111111-2222-4333-8444-555555555555" as PersonId;
const KEY = randomBytes(32);

type Answer = () => Promise<{ status: number; headers: [string, string][]; body: Uint8Array<ArrayBuffer> }>;

function stage(answer: Answer) {
  const store = openStore({ path: ":memory:", log: noLog });
  const clock = new VirtualClock();
  const asked: string[] = [];
  const connection = {
    fetch: ({ path }: { readonly path: string }) => {
      asked.push(path);
      return answer();
    },
  };
  const profiles = new Profiles({
    login: LOGIN,
    store,
    sink: new RecordingSink(store, LOGIN),
    anonymous: async () => connection as never,
    clock,
    log: noLog,
  });
  return { profiles, clock, asked, store };
}

const named = (name: string): Answer => {
  const sealed = Buffer.from(sealStored(KEY, Buffer.from(name))).toString("base64");
  const body = Uint8Array.from(Buffer.from(JSON.stringify({ name: sealed })));
  return async () => ({ status: 200, headers: [], body });
};

test("a name has the given and the family name, without what pads it", async () => {
  const { profiles } = stage(named("Bram\0de Wit\0\0\0\0"));
  expect(await profiles.firstName(BRAM, KEY)).toBe("Bram de Wit");
});

test("a profile that another key is for, or that is refused, has no name", async () => {
  expect(await stage(named("Bram")).profiles.firstName(BRAM, randomBytes(32))).toBeUndefined();
  const refused: Answer = async () => ({ status: 401, headers: [], body: new Uint8Array() });
  expect(await stage(refused).profiles.firstName(BRAM, KEY)).toBeUndefined();
});

test("a server that does not answer holds one message for a second, and none after it for a minute", async () => {
  const { profiles, clock, asked } = stage(() => new Promise(() => undefined));
  const first = profiles.firstName(BRAM, KEY);
  await clock.advance(999);
  const settled = await Promise.race([first.then(() => "settled"), Promise.resolve("waiting")]);
  expect(settled).toBe("waiting");
  await clock.advance(1);
  expect(await first).toBeUndefined();
  expect(await profiles.firstName(BRAM, KEY)).toBeUndefined();
  expect(asked).toHaveLength(1);
  await clock.advance(60_000);
  void profiles.firstName(BRAM, KEY);
  await clock.advance(0);
  expect(asked).toHaveLength(2);
});

test("many messages of somebody new ask for one name", async () => {
  const { profiles, clock, asked } = stage(named("Bram"));
  for (let count = 0; count < 32; count += 1) expect(await profiles.firstName(BRAM, KEY)).toBe("Bram");
  expect(asked).toHaveLength(1);
  await clock.advance(60_000);
  await profiles.firstName(BRAM, KEY);
  expect(asked).toHaveLength(2);
});

test("a profile that cannot be read is asked for once a minute, however much its person writes", async () => {
  const refused: Answer = async () => ({ status: 429, headers: [], body: new Uint8Array() });
  const { profiles, clock, asked, store } = stage(refused);
  await store.write((tx) => tx.family(signalFamily).setProfileKey(LOGIN, BRAM, KEY));
  for (let count = 0; count < 32; count += 1) await profiles.refresh(BRAM);
  expect(asked).toHaveLength(1);
  await clock.advance(60_000);
  await profiles.refresh(BRAM);
  expect(asked).toHaveLength(2);
});

test("a profile is read anew with a new key, once a minute, as the former one opens nothing of it", async () => {
  const { profiles, clock, asked, store } = stage(named("Bram"));
  await store.write((tx) => tx.family(signalFamily).setProfileKey(LOGIN, BRAM, KEY));
  await profiles.refresh(BRAM);
  await clock.advance(60_000);
  await profiles.refresh(BRAM);
  expect(asked).toHaveLength(1);
  for (let count = 0; count < 3; count += 1) await profiles.refresh(BRAM, { isKeyNew: true });
  expect(asked).toHaveLength(2);
});
