import { expect, test } from "@jest/globals";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();

const stored = async () => {
  const { world, login } = stage.session;
  const row = await world.store.logins.get(login.id);
  if (!row) throw new Error("the login is gone");
  const keys = await world.store.family(signalRecords).own({ login: login.id, account: "pni" });
  return { visibleId: row.visibleId, account: readAccount(row.account), keys };
};

test("a number that is changed on the phone is the login's, and who writes to the new number is read", async () => {
  const { session, phone, wim } = stage;
  const before = await stored();
  const renewal = session.renewal();
  await phone.changesNumber();
  await renewal;
  const after = await stored();
  expect(after.visibleId).toBe(phone.number);
  expect(after.visibleId).not.toBe(before.visibleId);
  expect(after.account).toEqual({ ...before.account, number: phone.number, pni: phone.pni.slice(4) });
  expect(after.keys?.keyPair).not.toEqual(before.keys?.keyPair);

  await session.disconnect();
  await session.connect();
  const { timestamp } = await wim.says(phone, "to your new number", { toNumber: true });
  expect(await stage.event("message", timestamp)).toMatchObject({ sender: wim.aci });
  // What is said to the account goes on over the sessions there are.
  const answer = await wim.says(phone, "to your account");
  expect(await stage.event("message", answer.timestamp)).toMatchObject({ sender: wim.aci });
});

test("a change that the server names no identity for, or with keys that are none, changes nothing", async () => {
  const { phone, wim, session } = stage;
  const before = await stored();
  await phone.tellsDevices({
    content: {
      syncMessage: {
        content: {
          pniChangeNumber: {
            identityKeyPair: new Uint8Array(10),
            signedPreKey: new Uint8Array(10),
            lastResortKyberPreKey: new Uint8Array(10),
            registrationId: 5,
            newE164: "+31600000000",
          },
        },
        read: null,
        stickerPackOperation: null,
        viewed: null,
        padding: null,
      },
    },
    pniSignatureMessage: null,
    senderKeyDistributionMessage: null,
  });
  const { timestamp } = await wim.says(phone, "after that");
  await stage.event("message", timestamp);
  expect(await stored()).toEqual(before);
  expect(session.client.state.kind).toBe("connected");
});
