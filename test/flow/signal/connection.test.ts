import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Device } from "@signalapp/mock-server";
import type { Login } from "../../../src/core/ports/rows.ts";
import { keyCounts } from "../../../src/networks/signal/service/keys.ts";
import { eventually } from "../../kit/eventually.ts";
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

const WITHIN = 1_000;

/** Milliseconds until the device is connected again after what `act` does. */
async function backAfter(device: ConnectedDevice, act: () => void | Promise<void>): Promise<number> {
  const lost = device.when("the end of the connection", () => device.connection.state.kind !== "connected");
  await act();
  await lost;
  const began = performance.now();
  await device.up();
  return performance.now() - began;
}

describe("the connection of a linked device", () => {
  test("is back within a second after the server broke it off, or wants to know anew who we are", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    expect(await backAfter(device, () => world.mock.server.dropConnections())).toBeLessThan(WITHIN);
    expect(await backAfter(device, () => world.mock.server.closeConnection(there, 4401))).toBeLessThan(
      WITHIN,
    );
    expect(device.endings).toEqual([]);
  });

  test("is back within a second once a server that was away answers, whatever libsignal thinks", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    const looks = jest.spyOn(world.access.port, "isOpen");
    await gate.shut();
    await eventually("three looks at the port", () => looks.mock.calls.length > 2);
    expect(device.connection.state).toMatchObject({ kind: "waiting" });
    const began = performance.now();
    await gate.reopen();
    await device.up();
    expect(performance.now() - began).toBeLessThan(WITHIN);
  });

  test("does not fight for its place with another one of the same device", async () => {
    await using device = await ConnectedDevice.of(world, login);
    await device.up();
    world.mock.server.closeConnection(there, 4409);
    await device.when("the end", () => device.connection.state.kind === "refused");
    expect(device.connection.state).toEqual({
      kind: "refused",
      words: expect.stringMatching(
        /^Another connection of the same linked device took the place of this one/,
      ),
    });
    expect(device.endings).toEqual([]);
    await expect(device.up()).rejects.toThrow("Another connection");
    expect(world.mock.server.isConnected(there)).toBe(false);
  });
});
