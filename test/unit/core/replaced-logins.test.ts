import { expect, test } from "@jest/globals";
import { Logins } from "../../../src/core/logins/logins.ts";
import type { LoginId } from "../../../src/core/model/ids.ts";
import { noLog } from "../../../src/core/ports/log.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import { openStore } from "../../../src/store/open.ts";
import { LOGIN, login } from "../../contract/store-fixtures.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

test("chats of a login that another one takes the place of notify again before what would end that is deleted", async () => {
  await using store = openStore({ path: ":memory:", log: noLog });
  const before = login();
  await store.write((tx) => tx.logins.add(before));
  const over: unknown[] = [];
  const parts = {
    store,
    clock: new VirtualClock(),
    log: noLog,
    connections: { stop: async () => undefined, start: () => undefined },
    expiries: { expireAll: async () => undefined },
    quiet: {
      async over({ id }: { readonly id: LoginId }) {
        over.push([id, await store.logins.get(id)]);
      },
    },
  };
  const logins = new Logins(parts as unknown as ConstructorParameters<typeof Logins>[0]);
  const network = { id: before.network, name: "WhatsApp", logins: "one" } as unknown as Network;
  const made = await logins.make(
    { user: before.user, network, login: "login-new" as LoginId, version: 1 },
    { kind: "done", visibleId: "ana", account: "{}", record: () => undefined },
    () => undefined,
  );
  expect(over).toEqual([[LOGIN, before]]);
  expect(await store.logins.of(before.user, before.network)).toEqual([made]);
});
