import { expect, test } from "@jest/globals";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { ServiceIdKind } from "../../../tools/signal-mock/mock-server.ts";
import { eventually } from "../../kit/eventually.ts";
import { realClock } from "../../kit/fake-homeserver-world.ts";
import { chatOfGroup } from "../../kit/signal/group-stage.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage(realClock, { numbered: false });

const numberKeys = () =>
  stage.world.store.family(signalRecords).own({ login: stage.session.login.id, account: "pni" });

test("an account without a phone number is linked, writes and is written to, also after a restart", async () => {
  const { session, phone, wim } = stage;
  expect(session.login.visibleId).toBe(phone.aci);
  const account = readAccount(session.login.account);
  expect(account).not.toHaveProperty("pni");
  expect(account).not.toHaveProperty("number");
  expect(await numberKeys()).toBeUndefined();
  for (const round of ["first", "second"]) {
    const { timestamp } = await wim.says(phone, `${round} question`);
    expect(await stage.event("message", timestamp)).toMatchObject({ sender: wim.aci });
    await session.says(wim, `${round} answer`);
    await wim.hears(`${round} answer`);
    const copy = await phone.writesFromPhone(wim, `${round} word by phone`);
    await stage.event("message", copy.timestamp);
    await session.disconnect();
    await session.connect();
  }
});

test("it is in groups, and makes them", async () => {
  const { session, phone, wim, world } = stage;
  const played = await world.mock.createGroup("Theirs", wim, phone);
  const { timestamp } = await played.says(wim, "to all of the group");
  expect(await stage.event("message", timestamp)).toMatchObject({ chat: chatOfGroup(played) });
  await session.saysIn(chatOfGroup(played), "to all of the group again");
  await wim.hears("to all of the group again");
  const chat = await session.client.createGroup({ key: "one", name: "Ours", people: [personIdOf(wim)] });
  expect(await session.client.chatInfo(chat)).toMatchObject({ name: "Ours" });
  await session.saysIn(chat, "a group of our own");
  await wim.hears("a group of our own");
});

test("a number that is added on the phone is the login's, and who knows only that is read and answered", async () => {
  const { session, phone, world } = stage;
  const renewal = session.renewal();
  await phone.changesNumber();
  await renewal;
  await session.disconnect();
  await session.connect();
  const row = await world.store.logins.get(session.login.id);
  expect(row?.visibleId).toBe(phone.number);
  expect(readAccount(row?.account ?? "")).toMatchObject({ number: phone.number, pni: phone.pni.slice(4) });
  expect(await numberKeys()).toBeDefined();
  const [device] = phone.linkedDevices;
  const supplied = async () => (await device?.getPreKeyCount(ServiceIdKind.PNI)) === 100;
  await eventually("one-time keys of the number", supplied);
  const nia = await world.mock.person("Nia");
  const { timestamp } = await nia.says(phone, "found by your number", { toNumber: true });
  expect(await stage.event("message", timestamp)).toMatchObject({ sender: nia.aci });
  await session.says(nia, "and proved to be one");
  const { content } = await nia.hears("and proved to be one");
  expect(content?.pniSignatureMessage?.pni).toBeDefined();
});
