import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { keyCounts } from "../../../src/networks/signal/service/keys.ts";
import { ConnectedDevice } from "../../kit/signal/connected-device.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";

let world: LinkingWorld;
beforeAll(async () => {
  world = await LinkingWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("the connection of a linked device", () => {
  test("hands in prekeys of both identities, and the phone sees the device", async () => {
    const wim = await world.mock.person("Wim");
    const { login, device: seen } = await world.linked(wim);
    await using device = await ConnectedDevice.of(world, login);
    const chat = await device.up();
    expect((await seen).deviceId).toBe(2);
    expect(await keyCounts(chat)).toEqual({
      aci: { oneTime: 100, kyber: 100 },
      pni: { oneTime: 100, kyber: 100 },
    });
  });
});
