import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readAccount } from "../../../src/networks/signal/account.ts";
import { signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { ConnectedDevice } from "../../kit/signal/connected-device.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";

let world: LinkingWorld;
beforeAll(async () => {
  world = await LinkingWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("linking a phone", () => {
  test("ends with an account that holds what the phone gave, and with the keys of both identities", async () => {
    const wim = await world.mock.person("Wim");
    const { login, device } = await world.linked(wim);
    await using connected = await ConnectedDevice.of(world, login);
    await connected.up();
    expect((await device).deviceId).toBe(2);
    expect(login.visibleId).toBe(wim.number);
    const account = readAccount(login.account);
    expect(account).toMatchObject({
      aci: wim.aci,
      pni: wim.pni.replace("PNI:", ""),
      number: wim.number,
      deviceId: 2,
    });
    expect(Buffer.from(account.masterKey ?? "")).toEqual(Buffer.from(wim.phone.masterKey));
    expect(Buffer.from(account.profileKey)).toEqual(Buffer.from(wim.phone.profileKey.serialize()));
    const signal = world.store.family(signalRecords);
    for (const identity of ["aci", "pni"] as const) {
      const of = { login: login.id, account: identity };
      expect(await signal.own(of)).toBeDefined();
      expect(await signal.preKeyIds(of, "signed")).toHaveLength(1);
      expect(await signal.preKeyIds(of, "kyber-last-resort")).toHaveLength(1);
    }
  });
});
