import { beforeEach, describe, expect, test } from "@jest/globals";
import { NetworkWatch } from "../../../src/core/logins/network-watch.ts";
import type { LoginId, NetworkId } from "../../../src/core/model/ids.ts";
import type { LogFields } from "../../../src/core/ports/log.ts";
import type { ConnectionState, Network, NetworkTrouble } from "../../../src/core/ports/network.ts";
import { MemoryNetwork } from "../../kit/memory-network.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const trouble = (what: string, kind: NetworkTrouble["kind"] = "link"): NetworkTrouble => ({
  kind,
  address: "http://127.0.0.1:1",
  what,
  cure: "Mend it.",
});
const login = "login" as LoginId;

describe("the watch over the networks", () => {
  let clock: VirtualClock;
  let network: Network;
  let watch: NetworkWatch;
  let lines: readonly [level: string, message: string, fields: LogFields | undefined][];
  /** What a check finds. */
  let found: NetworkTrouble | undefined;
  let checks: number;
  const warnings = () => lines.filter(([level]) => level === "warn").map(([, message]) => message);
  const state = (to: ConnectionState): void => watch.state(login, network, to);

  beforeEach(() => {
    clock = new VirtualClock();
    lines = [];
    found = undefined;
    checks = 0;
    const check = async () => {
      checks += 1;
      return found;
    };
    network = Object.assign(new MemoryNetwork(clock), { check });
    const note = (level: string) => (message: string, fields?: LogFields) => {
      lines = [...lines, [level, message, fields]];
    };
    const log = { error: note("error"), warn: note("warn"), info: note("info"), debug() {} };
    watch = new NetworkWatch({ networks: new Map([["whatsapp" as NetworkId, network]]), clock, log });
  });

  test("a network that fails its check is warned of at the start, where nobody has a login, and checked until it is well", async () => {
    found = trouble("Nothing answers.");
    watch.start();
    await settle();
    expect(lines).toEqual([
      [
        "warn",
        "WhatsApp cannot be used. Nothing answers. Mend it.",
        { network: "whatsapp", address: "http://127.0.0.1:1" },
      ],
    ]);
    expect(watch.reasons()).toEqual(["WhatsApp cannot be used. Nothing answers. Mend it."]);
    await clock.advance(60_000);
    expect(warnings()).toHaveLength(1);
    expect(checks).toBeGreaterThan(3);
    found = undefined;
    await clock.advance(120_000);
    expect(watch.reasons()).toEqual([]);
    expect(lines.at(-1)?.slice(0, 2)).toEqual(["info", "WhatsApp can be used again"]);
    const after = checks;
    await clock.advance(3_600_000);
    expect(checks).toBe(after);
  });

  test("a connection that does not come back is one warning, however often it is tried, and a short gap is none", async () => {
    state({ kind: "connecting" });
    state({ kind: "waiting", words: "away", trouble: trouble("Nothing answers.") });
    await clock.advance(9_000);
    state({ kind: "connected" });
    await clock.advance(60_000);
    expect(lines).toEqual([]);

    for (let second = 0; second < 45; second++) {
      state({ kind: "waiting", words: "away", trouble: trouble("Nothing answers.") });
      state({ kind: "connecting" });
      await clock.advance(1_000);
    }
    expect(warnings()).toEqual(["WhatsApp cannot be used. Nothing answers. Mend it."]);
    expect(watch.reasons()).toHaveLength(1);
    state({ kind: "connected" });
    expect(watch.reasons()).toEqual([]);
    expect(lines.at(-1)?.[2]).toMatchObject({ seconds: 35 });
  });

  test("another cause is another warning", async () => {
    state({ kind: "waiting", words: "away", trouble: trouble("Nothing answers.") });
    await clock.advance(10_000);
    state({ kind: "waiting", words: "away", trouble: trouble("It is another server.") });
    expect(warnings()).toEqual([
      "WhatsApp cannot be used. Nothing answers. Mend it.",
      "WhatsApp cannot be used. It is another server. Mend it.",
    ]);
  });

  test("of a network that does not believe us, a check may say why; of one that is not reached it does not", async () => {
    found = trouble("The clock is wrong.", "proof");
    state({ kind: "waiting", words: "refused", trouble: trouble("It does not believe us.", "proof") });
    await clock.advance(10_000);
    expect(warnings()).toEqual(["WhatsApp cannot be used. The clock is wrong. Mend it."]);
    state({ kind: "waiting", words: "away", trouble: trouble("Nothing answers.") });
    expect(warnings().at(-1)).toBe("WhatsApp cannot be used. Nothing answers. Mend it.");
  });

  test("while one person is connected the network can be used; a person who leaves takes their trouble along", async () => {
    const other = "other" as LoginId;
    watch.state(other, network, { kind: "connected" });
    state({ kind: "refused", words: "no", trouble: trouble("It does not believe us.", "proof") });
    await clock.advance(60_000);
    expect(watch.reasons()).toEqual([]);
    watch.forget(other);
    expect(watch.reasons()).toHaveLength(1);
    watch.forget(login);
    expect(watch.reasons()).toEqual([]);
  });

  test("what is a person's own matter is no trouble of the network's", async () => {
    state({ kind: "refused", words: "WhatsApp has blocked your account there." });
    await clock.advance(60_000);
    expect(lines).toEqual([]);
    expect(watch.reasons()).toEqual([]);
  });
});
