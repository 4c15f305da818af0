import { expect, test } from "@jest/globals";
import { LoginProcesses } from "../../../src/core/logins/login-processes.ts";
import type { Logins } from "../../../src/core/logins/logins.ts";
import type { NetworkId, UserId } from "../../../src/core/model/ids.ts";
import type { LoginFlow, LoginStep } from "../../../src/core/ports/login-flow.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import { openStore } from "../../../src/store/open.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const ANA = "@ana:test" as UserId;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

const notice: LoginStep = {
  kind: "notice",
  version: 1,
  paragraphs: ["Quill learns when you write."],
  agreement: "you agree",
  agree: async () => notice,
};
const display: LoginStep = {
  kind: "display",
  what: { kind: "link", url: "https://example.org/link" },
  words: "Open it.",
  expiresAt: 60_000,
  next: () => new Promise(() => {}),
};

test.each([
  ["a notice", notice],
  ["a code", display],
])(
  "a conversation that is ended while %s, its first step, is stored leaves nothing behind",
  async (_, step) => {
    await using store = openStore({ path: ":memory:", log: silent });
    const flow: LoginFlow = { id: "test", name: "try it", begin: async () => step };
    const network = {
      id: "quill" as NetworkId,
      name: "Quill",
      noticeVersion: 1,
      flows: [flow],
    } as unknown as Network;
    let listed = () => {};
    using processes = new LoginProcesses({
      store: {
        ...store,
        write(record) {
          const written = store.write(record);
          listed();
          return written;
        },
      },
      networks: new Map([[network.id, network]]),
      logins: {
        outdated: async () => [],
        undisturbed: (_user: UserId, _network: Network, act: () => Promise<unknown>) => act(),
      } as unknown as Logins,
      clock: new VirtualClock(),
      random: { uuid: () => "login-1" },
      log: silent,
    });
    listed = () => {
      listed = () => {};
      void processes.of(ANA)?.end("cancelled");
    };
    const process = await processes.begin(ANA, network, flow, async () => {});
    await settle();
    expect(process.state).toEqual({ kind: "ended", why: "cancelled" });
    expect(processes.of(ANA)).toBeUndefined();
    expect(await processes.asked(ANA)).toBeUndefined();
    expect(await store.records.all("logging-in")).toEqual([]);
  },
);
