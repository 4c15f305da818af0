import { expect, test } from "@jest/globals";
import type { NetworkId } from "../../src/core/model/ids.ts";
import {
  ANA,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  OTHER_LOGIN,
  START,
  WHATSAPP,
} from "./store-fixtures.ts";

export function logins(open: OpenStoreUnderTest): void {
  test("logins are found by id and by person and network, and change", async () => {
    await using it = await open();
    const { store } = it;
    await store.write((tx) => tx.logins.add(login()));
    expect(await store.logins.all()).toEqual([login()]);
    expect(await store.logins.of(ANA, WHATSAPP)).toEqual([login()]);
    expect(await store.logins.of(ANA, "messenger" as NetworkId)).toEqual([]);
    await store.write((tx) => {
      tx.logins.setState(LOGIN, "leaving");
      tx.logins.setConsent(LOGIN, 2, START + 1);
      tx.logins.setAccount(LOGIN, { visibleId: "+316", account: '{"linked":2}' });
    });
    const relinked = { visibleId: "+316", account: '{"linked":2}' };
    const changed = { state: "leaving", consentVersion: 2, consentAt: START + 1, ...relinked } as const;
    expect(await store.logins.get(LOGIN)).toEqual(login(changed));
  });

  test("a person may have several logins on a network, in the order they were agreed to", async () => {
    await using it = await open();
    const { store } = it;
    const second = login({ id: OTHER_LOGIN, visibleId: "+317", consentAt: START + 1 });
    await store.write((tx) => {
      tx.logins.add(second);
      tx.logins.add(login());
    });
    expect(await store.logins.of(ANA, WHATSAPP)).toEqual([login(), second]);
    await store.write((tx) => tx.logins.remove(LOGIN));
    expect(await store.logins.of(ANA, WHATSAPP)).toEqual([second]);
  });
}
