import { describe, expect, test } from "@jest/globals";
import type { Capabilities } from "../../../src/core/model/capabilities.ts";
import type { LoginId } from "../../../src/core/model/ids.ts";
import { noLog } from "../../../src/core/ports/log.ts";
import type { NetworkClient } from "../../../src/core/ports/network.ts";
import { LoadingClient } from "../../../src/networks/loading-client.ts";
import { openStore } from "../../../src/store/open.ts";
import { RecordingSink } from "../../kit/recording-sink.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

/** A client that is loaded as often as it is asked for; each is known by its number. */
function loading() {
  const store = openStore({ path: ":memory:", log: noLog });
  const closed: number[] = [];
  let loads = 0;
  const one = (number: number): NetworkClient => ({
    state: { kind: "connected" },
    connected: async () => undefined,
    send: async () => undefined,
    find: async () => ({ kind: "not-found", words: `asked client ${number}` }),
    capabilities: () => ({}) as Capabilities,
    [Symbol.asyncDispose]: async () => void closed.push(number),
  });
  const client = new LoadingClient({
    load: async () => one(++loads),
    profile: { name: "Signal", capabilities: {} as Capabilities },
    restored: "Write “enable signal”.",
    closed: () => undefined,
    sink: new RecordingSink(store, "login-a" as LoginId),
    clock: new VirtualClock(),
    log: noLog,
  });
  return { client, closed };
}

describe("a client that is made anew", () => {
  test("is closed before the next one is loaded, which answers what is asked meanwhile", async () => {
    const { client, closed } = loading();
    expect(await client.find("x")).toMatchObject({ words: "asked client 1" });
    const renewed = client.reload();
    const meanwhile = client.find("x");
    await renewed;
    expect(closed).toEqual([1]);
    expect(await meanwhile).toMatchObject({ words: "asked client 2" });
    await client[Symbol.asyncDispose]();
    expect(closed).toEqual([1, 2]);
  });

  test("is not made where it is closed in the same moment", async () => {
    const { client, closed } = loading();
    await client.find("x");
    const renewed = client.reload();
    await client[Symbol.asyncDispose]();
    await renewed;
    expect(closed).toEqual([1]);
    await expect(client.find("x")).rejects.toThrow("closed");
  });
});
