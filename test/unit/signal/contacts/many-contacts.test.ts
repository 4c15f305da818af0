import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import type { RemoteEvent, UnplacedDeletion } from "../../../../src/core/model/events.ts";
import type { LoginId } from "../../../../src/core/model/ids.ts";
import { noLog } from "../../../../src/core/ports/log.ts";
import type { Writes } from "../../../../src/core/ports/store.ts";
import { AccountSync } from "../../../../src/networks/signal/contacts/account-sync.ts";
import { signalFamily } from "../../../../src/networks/signal/records.ts";
import { CONTACT, type StoredAccount } from "../../../../src/networks/signal/storage/stored-account.ts";
import {
  ManifestRecord_IdentifierSchema,
  ManifestRecordSchema,
  StorageRecordSchema,
} from "../../../../src/networks/signal/wire/gen/storage_pb.js";
import { openStore } from "../../../../src/store/open.ts";

const LOGIN = "login-a" as LoginId;
const COUNT = 1_200;

const id = (number: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, number + 1);
  return bytes;
};

test("many contacts are stored some at a time, and after a failure the rest alone is read", async () => {
  await using store = openStore({ path: ":memory:", log: noLog });
  const numbers = Array.from({ length: COUNT }, (_, number) => number);
  const identifiers = numbers.map((number) =>
    create(ManifestRecord_IdentifierSchema, { raw: id(number), type: CONTACT }),
  );
  const asked: number[] = [];
  const account: Pick<StoredAccount, "manifestAfter" | "records"> = {
    manifestAfter: async () => create(ManifestRecordSchema, { version: 7n, identifiers }),
    async *records(_, ids) {
      asked.push(ids.length);
      for (const raw of ids) {
        const value = { aciBinary: raw, blocked: true };
        yield { id: raw, record: create(StorageRecordSchema, { record: { case: "contact", value } }) };
      }
    },
  };
  const commits: number[] = [];
  const sync = new AccountSync({
    login: LOGIN,
    store,
    sink: {
      async accept(events: readonly (RemoteEvent | UnplacedDeletion)[], record?: (tx: Writes) => void) {
        if (commits.length === 1) {
          commits.push(-1);
          throw new Error("the disk is full");
        }
        commits.push(events.length);
        await store.write((tx) => record?.(tx));
      },
    },
    account: async () => account as StoredAccount,
    readGroups: async () => undefined,
    accepted: () => undefined,
    tellDevices: async () => undefined,
    clock: { now: () => 1_800_000_000_000 },
    log: noLog,
  });
  const signal = store.family(signalFamily);
  await expect(sync.read()).rejects.toThrow("disk");
  expect([commits, await signal.storageVersion(LOGIN)]).toEqual([[500, -1], 0n]);
  await sync.read();
  expect(asked).toEqual([COUNT, 700]);
  expect(commits).toEqual([500, -1, 500, 200, 0]);
  expect(await signal.storageVersion(LOGIN)).toBe(7n);
  expect((await signal.recipients(LOGIN)).filter(({ stored }) => stored?.blocked)).toHaveLength(COUNT);
});
