import { expect, test } from "@jest/globals";
import { plainText } from "../../../src/core/model/rich-text.ts";
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

test("a client that is made anew waits for what the former one encrypts, which sends nothing after that", async () => {
  const { session, wim } = stage;
  const id = session.nextId();
  const [sealing, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order: string[] = [];
  const stored = session.sink.journal(id);
  const journal: typeof stored = {
    ...stored,
    async seal(...parts) {
      sealing.resolve();
      await goOn.promise;
      order.push("stored");
      return stored.seal(...parts);
    },
  };
  const words = { kind: "text" as const, style: "text" as const, body: plainText("in the midst") };
  const outgoing = { kind: "message" as const, message: { parts: [words] } };
  const sent = session.sends(wim, outgoing, id, journal).catch((error: unknown) => error);
  await sealing.promise;
  const closed = session.disconnect().then(() => order.push("closed"));
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  goOn.resolve();
  await closed;
  expect(order).toEqual(["stored", "closed"]);
  expect(await sent).toMatchObject({ reason: "remote-unreachable", outage: true });
  await session.connect();
  await session.sends(wim, outgoing, id);
  await wim.hears("in the midst");
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
