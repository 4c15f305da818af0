import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { cryptoRecords } from "../../src/matrix/crypto/crypto-records.ts";
import { checkKeys, type OwnDevice } from "../../src/matrix/health/keys-check.ts";
import type { Route } from "../../src/matrix/http/requests.ts";
import { buildRegistration } from "../../src/matrix/registration/registration.ts";
import { ANA, BOT, Bridge, event, GHOST } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";

/** The key server over HTTP. */
async function serving({ server }: Bridge, around: AsyncDisposableStack): Promise<string> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
      const asked = {
        method: "POST",
        path: pathname as Route,
        body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
        as: searchParams.get("user_id") as UserId,
        device: searchParams.get("device_id") ?? "",
      } as const;
      void server.json(asked).then((answer) => response.end(JSON.stringify(answer)));
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  around.defer(() => void http.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

test("doctor finds a device that is gone, has another key, is signed by another, and what nobody needs", async () => {
  await using around = new AsyncDisposableStack();
  const bridge = around.use(await new Bridge().start());
  await CryptoFriend.start(bridge.server, ANA);
  const device = await bridge.receiver.device();
  await bridge.sealed.seal(event("hello"), [ANA]);
  const names = { botLocalpart: "bot", prefix: "ghost", serverName: "test" };
  const options = {
    homeserverUrl: await serving(bridge, around),
    registration: buildRegistration({ ...names, id: "tpc", url: "http://127.0.0.1:9", protocols: [] }),
    registrationPath: "registration.yaml",
    names,
  };
  const stored = await bridge.store.family(cryptoRecords).devices(9);
  const devices = stored.map(
    ({ user, device: id, key, seeds }): OwnDevice => ({ user, device: id, key, master: seeds?.master }),
  );
  const of = (user: UserId, changed: Partial<OwnDevice>) =>
    checkKeys(
      options,
      devices.map((own) => (own.user === user ? { ...own, ...changed } : own)),
    );
  expect(devices.map(({ user }) => user)).toEqual([BOT, GHOST]);
  const whole = await of(BOT, {});
  expect(whole).toEqual({
    faults: [],
    oneTimeKeys: bridge.server.oneTimeKeysOf(BOT, device),
    receiving: [],
    strays: [],
  });
  expect(whole.oneTimeKeys).toBeGreaterThan(0);
  const key = Buffer.alloc(32, 1).toString("base64").replace("=", "");
  expect((await of(GHOST, { key })).faults).toEqual([{ user: GHOST, fault: "another" }]);
  expect((await of(GHOST, { master: key })).faults).toEqual([{ user: GHOST, fault: "unsigned" }]);
  expect(await of(BOT, { device: "GONE" })).toMatchObject({
    faults: [{ user: BOT, fault: "absent" }],
    strays: [device],
  });
});
