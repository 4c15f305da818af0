import { expect, test } from "@jest/globals";
import { readAccount, writeAccount } from "../../../src/networks/signal/account.ts";

const account = {
  aci: "11111111-2222-4333-8444-555555555555",
  pni: "66666666-7777-4888-9999-aaaaaaaaaaaa",
  number: "+31612345678",
  deviceId: 2,
  password: "secret",
  profileKey: new Uint8Array(32).fill(7),
  masterKey: new Uint8Array(32).fill(8),
};

test("an account is read as it was written", () => {
  expect(readAccount(writeAccount(account))).toEqual(account);
  const { number: _, masterKey: __, ...least } = account;
  expect(readAccount(writeAccount(least))).toEqual(least);
  const { pni: ___, ...numberless } = { ...least, authCredentialSalt: new Uint8Array(16).fill(9) };
  expect(readAccount(writeAccount(numberless))).toEqual(numberless);
});

test("what is no account is refused", () => {
  for (const json of [
    "{}",
    "[]",
    "null",
    JSON.stringify({ ...JSON.parse(writeAccount(account)), deviceId: 0 }),
  ])
    expect(() => readAccount(json)).toThrow();
});
