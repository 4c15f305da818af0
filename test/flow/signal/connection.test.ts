import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Device } from "@signalapp/mock-server";
import type { Login } from "../../../src/core/ports/rows.ts";
import { keyCounts } from "../../../src/networks/signal/service/keys.ts";
import { eventually } from "../../kit/eventually.ts";
import { fastest } from "../../kit/fastest.ts";
import { ConnectedDevice } from "../../kit/signal/connected-device.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";
import { TcpGate } from "../../kit/tcp-gate.ts";

let gate: TcpGate;
let world: LinkingWorld;
let login: Login;
let there: Device;
beforeAll(async () => {
  world = await LinkingWorld.behind(async (port) => (gate = await TcpGate.to(port)));
  const linked = await world.linked(await world.mock.person("Wim"));
  login = linked.login;
  await using device = await ConnectedDevice.of(world, login);
  const chat = await device.up();
  there = await linked.device;
  expect(await keyCounts(chat)).toEqual({
    aci: { oneTime: 100, kyber: 100 },
    pni: { oneTime: 100, kyber: 100 },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await gate[Symbol.asyncDispose]();
});

/** Does it until the device notices: the server may not have the newest connection yet. */
async function until(device: ConnectedDevice, act: () => void): Promise<void> {
  const before = device.states.length;
  await eventually("the end of the connection", () => {
    if (device.states.length === before) act();
    return device.states.length > before;
  });
}

/** Milliseconds until the device is connected again after what `act` does. */
async function backAfter(device: ConnectedDevice, act: () => void): Promise<number> {
  const began = performance.now();
  await until(device, act);
  await device.up();
  return performance.now() - began;
}

describe("the connection of a linked device", () => {
  test("is back within a second after the server broke it off, or wants to know anew who we are", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    const { server } = world.mock;
    const after = (act: () => void) => fastest(() => backAfter(device, act));
    expect(await after(() => server.dropConnections())).toBeLessThan(1_000);
    expect(await after(() => server.closeConnection(there, 4401))).toBeLessThan(1_000);
    expect(device.endings).toEqual([]);
  });

  test("is back within a second once a server that was away answers, whatever libsignal thinks", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    const looks = jest.spyOn(world.access.port, "isOpen");
    const back = await fastest(async () => {
      await gate.shut();
      looks.mockClear();
      await eventually("three looks at the port", () => looks.mock.calls.length > 2);
      expect(device.connection.state).toMatchObject({ kind: "waiting" });
      const began = performance.now();
      await gate.reopen();
      await device.up();
      return performance.now() - began;
    });
    expect(back).toBeLessThan(1_000);
  });

  test("does not fight for its place with another one of the same device", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    await until(device, () => world.mock.server.closeConnection(there, 4409));
    await device.when("the end", () => device.connection.state.kind === "refused");
    expect(device.connection.state).toEqual({
      kind: "refused",
      words: expect.stringMatching(
        /^Another connection of the same linked device took the place of this one/,
      ),
    });
    expect(device.endings).toEqual([]);
    await expect(device.up()).rejects.toThrow("Another connection");
    await eventually("the end of the last connection", () => !world.mock.server.isConnected(there));
  });
});
