import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { ErrorCode } from "@signalapp/libsignal-client";
import type { SendAnswer } from "../../../tools/signal-mock/faults.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { LinkedDevice } from "../../kit/signal/linked-device.ts";

describe("what goes wrong at Signal's mock server, as libsignal tells it", () => {
  const stack = new AsyncDisposableStack();
  let mock: SignalMock;
  let anna: Person;
  let bea: Person;
  let device: LinkedDevice;

  beforeAll(async () => {
    mock = stack.use(await SignalMock.start());
    anna = await mock.person("Anna");
    bea = await mock.person("Bea");
    device = stack.use(await LinkedDevice.link(mock, anna));
  });

  afterEach(() => mock.server.faults.clear());
  afterAll(() => stack.disposeAsync());

  const sends: readonly (readonly [SendAnswer, ErrorCode])[] = [
    [{ kind: "challenge" }, ErrorCode.RateLimitChallengeError],
    [{ kind: "rate-limit", retryAfter: 7 }, ErrorCode.RateLimitedError],
    [{ kind: "rate-limit" }, ErrorCode.IoError],
    [{ kind: "unavailable" }, ErrorCode.IoError],
    [{ kind: "unregistered" }, ErrorCode.ServiceIdNotFound],
    [{ kind: "devices", missing: [9] }, ErrorCode.MismatchedDevices],
    [{ kind: "devices", stale: [1] }, ErrorCode.MismatchedDevices],
  ];

  test.each(sends)(
    "a send answered with %j is told as %i, and the next one arrives",
    async (answer, code) => {
      mock.server.faults.sends(answer, { to: bea.aci });
      await expect(device.says(bea, "In vain")).rejects.toMatchObject({ code });
      await device.says(bea, `After ${JSON.stringify(answer)}`);
      await bea.hears(`After ${JSON.stringify(answer)}`);
    },
  );

  test.each([7, 127, 128, 300, 86_400])("is told to wait %i s", async (retryAfter) => {
    mock.server.faults.sends({ kind: "rate-limit", retryAfter }, { to: bea.aci });
    await expect(device.says(bea, "Too much")).rejects.toMatchObject({ retryAfterSecs: retryAfter });
  });

  const upgrades = [
    [403, {}, ErrorCode.DeviceDelinked],
    [499, {}, ErrorCode.AppExpired],
    [429, { "retry-after": "9" }, ErrorCode.RateLimitedError],
  ] as const;

  test.each(upgrades)("a connection answered with %i is told as %j %i", async (status, headers, code) => {
    const other = stack.use(await LinkedDevice.link(mock, anna));
    mock.server.faults.upgrades({ status, headers }, { path: "/v1/websocket/", times: Infinity });
    await expect(other.connect()).rejects.toMatchObject({ code });
  });

  test("a send whose answer is lost has arrived, and the connection is gone", async () => {
    const { ended } = await device.connect();
    mock.server.faults.sends({ kind: "lost" });
    await expect(device.says(bea, "Arrived all the same")).rejects.toHaveProperty("code");
    await bea.hears("Arrived all the same");
    expect(await ended).toBe(ErrorCode.IoError);
    await device.connect();
  });

  test("a send that is held arrives when it is let go", async () => {
    const held = mock.server.faults.holdsSend();
    const sent = device.says(bea, "Held");
    await held;
    expect(bea.journal.entries.some((heard) => textOf(heard) === "Held")).toBe(false);
    mock.server.faults.release();
    await sent;
    await bea.hears("Held");
  });

  test.each([
    [4401, ErrorCode.ConnectionInvalidated],
    [4409, ErrorCode.ConnectedElsewhere],
  ])("a connection closed with %i is told as %i", async (close, code) => {
    const { ended } = await device.connect();
    for (const linked of anna.linkedDevices) mock.server.closeConnection(linked, close);
    expect(await ended).toBe(code);
    await device.connect();
  });

  test("a message whose acknowledgement is lost comes again", async () => {
    mock.server.faults.losesAcks = true;
    await bea.says(anna, "Once more");
    await device.hears("Once more");
    // And again, as the connection after breaks before it is acknowledged.
    for (const fault of [true, false]) {
      mock.server.faults.losesAcks = fault;
      const again = Promise.withResolvers<void>();
      device.onRepeat = again.resolve;
      mock.server.dropConnections();
      await device.connect();
      await again.promise;
    }
    expect(device.journal.entries.filter((heard) => textOf(heard) === "Once more")).toHaveLength(1);
  });

  test("after a restart the server takes the device again, and brings what came meanwhile", async () => {
    const { ended } = await device.connect();
    const restarted = mock.server.restart(0);
    expect(await ended).toBe(ErrorCode.IoError);
    const sent = bea.says(anna, "While you were away");
    await restarted;
    await device.connect();
    await device.hears("While you were away");
    await sent;
  });

  test("a connection tells the alerts that it is told", async () => {
    mock.server.upgradeHeaders = { "x-signal-alert": "idle-primary-device" };
    const { alerts } = await device.connect();
    mock.server.upgradeHeaders = {};
    expect(await alerts).toEqual(["idle-primary-device"]);
  });

  test("requests of every way are answered as planned", async () => {
    mock.server.faults.requests("/v1/config", { status: 418, headers: { "x-told": "yes" } });
    const { chat } = device;
    const asked = { verb: "GET", path: "/v1/config", headers: [] };
    expect((await chat.fetch(asked)).status).toBe(418);
    expect((await chat.fetch(asked)).status).toBe(200);
  });
});
