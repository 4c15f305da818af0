import { expect, test } from "@jest/globals";
import type { Sealed } from "../../src/core/ports/homeserver.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { Encryption } from "../../src/matrix/crypto/encryption.ts";
import { ANA, BOT, Bridge, inRoom, ROOM } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";
import { VirtualClock } from "../kit/virtual-clock.ts";

test("what of encrypted events is not read is counted by its reason, beside what is open and what waits", async () => {
  await using bridge = await new Bridge().start();
  const { store, server }: { store: Store; server: Bridge["server"] } = bridge;
  const registry = createMetrics([]);
  const clock = new VirtualClock();
  using encryption = new Encryption({
    store,
    requests: server,
    bot: BOT,
    isOurs: (user) => user === BOT,
    members: async () => [ANA],
    isEncrypted: async () => true,
    trust: "any",
    isDefault: false,
    isRequired: true,
    clock,
    metrics: registry.metrics,
  });
  const measured = async (series: string): Promise<number> => {
    const lines = (await registry.text()).split("\n");
    return Number(
      lines
        .find((line) => line.startsWith(`bridge_${series} `))
        ?.split(" ")
        .at(-1),
    );
  };
  const device = await encryption.device();
  const ana = await CryptoFriend.start(server, ANA);
  const early = await ana.writes(ROOM, [BOT], "early", true);
  const event = { room: ROOM, sender: ANA, id: "$1", at: 0, kind: "encrypted" } as Extract<
    Sealed,
    { kind: "encrypted" }
  >;
  const sealed = (content: unknown): Sealed => ({
    ...event,
    sealed: JSON.stringify(inRoom({ type: "m.room.encrypted", sender: ANA, content: content as never })),
  });
  const refused = async (tried: Promise<unknown>, reason: string): Promise<void> => {
    await expect(tried).rejects.toMatchObject({ reason: "unreadable" });
    expect(await measured(`undecryptable_total{reason="${reason}"}`)).toBe(1);
  };
  await refused(encryption.open({ ...event, clear: true }), "in-clear");
  await refused(encryption.open(sealed({})), "malformed");
  const waits = encryption.open(sealed(early.content));
  waits.catch(() => undefined);
  await expect(
    (async () => {
      while (clock.timers === 0) await new Promise((done) => setImmediate(done));
      encryption.measure();
      return measured("keys_awaited");
    })(),
  ).resolves.toBe(1);
  await clock.advance(10_000);
  await refused(waits, "no-key");
  await early.share();
  const sync = server.sync(BOT, device);
  await encryption.receive(sync, (record) => store.write(record));
  expect(await encryption.open(sealed(early.content))).toMatchObject({ kind: "message" });
  await refused(encryption.open(sealed(early.content)), "replayed");
  encryption.measure();
  expect(await measured("keys_awaited")).toBe(0);
  expect(await measured("crypto_machines")).toBe(1);
  expect(await measured("one_time_keys")).toBe(sync.oneTimeKeys["signed_curve25519"]);
});
