import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Login } from "../../../src/core/ports/rows.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { fastest } from "../../kit/fastest.ts";
import { ConnectedDevice } from "../../kit/signal/connected-device.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";

let world: LinkingWorld;
let login: Login;
let wim: Person;
beforeAll(async () => {
  world = await LinkingWorld.start();
  wim = await world.mock.person("Wim");
  const linked = await world.linked(wim);
  login = linked.login;
  await using device = await ConnectedDevice.of(world, login);
  await device.up();
  await linked.device;
});
afterEach(() => world.mock.server.faults.clear());
afterAll(() => world[Symbol.asyncDispose]());

const UPGRADE = "/v1/websocket/";
const BROKEN = "The connection to Signal is broken.";
const WAIT = "before it connects again.";

describe("what the server answers a device that connects", () => {
  test.each([
    {
      answer: { status: 403 },
      state: {
        kind: "refused",
        words: expect.stringMatching(
          /^This bridge was removed from the linked devices .*Write “enable signal” to the bot to link it again; /,
        ),
      },
      ended: "gone",
    },
    {
      answer: { status: 499 },
      state: {
        kind: "refused",
        words: "Signal no longer serves this version of the bridge. Whoever runs it should update it.",
        trouble: { kind: "proof", cure: expect.stringMatching(/^Update the bridge/) },
      },
      ended: undefined,
    },
    {
      answer: { status: 429, headers: { "retry-after": "90" } },
      state: { kind: "waiting", words: `Signal asks this bridge to wait 1 minute and 30 seconds ${WAIT}` },
      ended: undefined,
    },
    {
      answer: { status: 429 },
      state: { kind: "waiting", words: BROKEN },
      ended: undefined,
    },
    { answer: { status: 404 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 409 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 410 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 428 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 500 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 503 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
    { answer: { status: 401 }, state: { kind: "waiting", words: BROKEN }, ended: undefined },
  ])("$answer.status: $state.kind", async ({ answer, state, ended }) => {
    world.mock.server.faults.upgrades(answer, { times: 100, path: UPGRADE });
    await using device = await ConnectedDevice.of(world, login);
    await device.when("an end of the first try", () => device.connection.state.kind !== "connecting");
    expect(device.connection.state).toMatchObject(state);
    expect(device.endings.map(({ kind }) => kind)).toEqual(ended === undefined ? [] : [ended]);
  });
});

describe("a server that takes nobody for a while", () => {
  test.each([{ status: 500 }, { status: 503 }, { status: 429 }])(
    "has the device back within a second after the last $status",
    async (answer) => {
      const backAfter = async (): Promise<number> => {
        world.mock.server.faults.upgrades(answer, { times: 100, path: UPGRADE });
        await using device = await ConnectedDevice.of(world, login);
        const waits = () => device.states.filter(({ kind }) => kind === "waiting").length;
        await device.when("three refusals", () => waits() === 3);
        world.mock.server.faults.clear();
        const began = performance.now();
        await device.up();
        return performance.now() - began;
      };
      expect(await fastest(backAfter)).toBeLessThan(1_000);
    },
  );
});
