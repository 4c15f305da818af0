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

function stage(answer: Answer, byName: Answer = answer) {
  const store = openStore({ path: ":memory:", log: noLog });
  const clock = new VirtualClock();
  const asked: string[] = [];
  const connection = (answers: Answer, who: string) => ({
    fetch: ({ path }: { readonly path: string }) => {
      asked.push(`${who} ${path}`);
      return answers();
    },
  });
  const profiles = new Profiles({
    login: LOGIN,
    store,
    sink: new RecordingSink(store, LOGIN),
    anonymous: async () => connection(answer, "nobody") as never,
    identified: async () => connection(byName, "ourselves") as never,
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

const unauthorized: Answer = async () => ({ status: 401, headers: [], body: new Uint8Array() });

test("where the server takes a key no more, the profile that it opens is asked for by name", async () => {
  const { profiles, asked, store } = stage(unauthorized, named("Bram"));
  await store.write((tx) => tx.family(signalFamily).setProfileKey(LOGIN, BRAM, KEY));
  await profiles.refresh(BRAM);
  expect((await store.family(signalFamily).recipient(LOGIN, BRAM))?.profile?.name).toBe("Bram");
  expect(asked.map((one) => one.split(" ")[0])).toEqual(["nobody", "ourselves"]);
  expect(await profiles.firstName(BRAM, KEY)).toBe("Bram");
});

test("a refused key is not asked with again for a minute, and one that comes meanwhile at once", async () => {
  let answer = unauthorized;
  const { profiles, asked, store } = stage(() => answer());
  const gives = (key: Uint8Array) =>
    store.write((tx) => tx.family(signalFamily).setProfileKey(LOGIN, BRAM, key));
  await gives(randomBytes(32));
  await profiles.refresh(BRAM);
  await profiles.refresh(BRAM);
  expect(asked).toHaveLength(2);
  answer = named("Bram");
  await gives(KEY);
  await profiles.refresh(BRAM, { isKeyNew: true });
  expect((await store.family(signalFamily).recipient(LOGIN, BRAM))?.profile?.name).toBe("Bram");
  expect(asked).toHaveLength(3);
  // And one that comes right behind a profile that was read.
  const newest = randomBytes(32);
  await gives(newest);
  await profiles.refresh(BRAM);
  expect(asked).toHaveLength(4);
  // Asked for a name with another key, the former answer is none.
  expect(await profiles.firstName(BRAM, newest)).toBeUndefined();
  expect(await profiles.firstName(BRAM, KEY)).toBe("Bram");
});
