import { expect, test } from "@jest/globals";
import { BRAM, GHOST, LOGIN, type OpenStoreUnderTest, WHATSAPP } from "./store-fixtures.ts";

/** Ghosts' own pictures. */
export function pictures(open: OpenStoreUnderTest): void {
  test("a ghost's own picture is fetched once for each reference, and again after a doubt; what is old stays shown meanwhile", async () => {
    await using it = await open();
    const { store } = it;
    const ghost = { network: WHATSAPP, person: BRAM, user: GHOST, name: "Bram", profile: "none" } as const;
    const told = (ref: string) => ({ network: WHATSAPP, person: BRAM, login: LOGIN, ref });
    const picture = async () => (await store.ghosts.byUser(GHOST))?.picture;
    // Somebody who is no ghost yet is asked about later.
    await store.write((tx) => tx.ghosts.tellPicture(told("P0")));
    await store.write((tx) => tx.ghosts.add({ ...ghost, shown: "", avatar: "", picture: undefined }));
    expect(await store.ghosts.unfetched(WHATSAPP, BRAM)).toBeUndefined();
    expect(await picture()).toBeUndefined();
    await store.write((tx) => tx.ghosts.tellPicture(told("P1")));
    expect(await store.ghosts.unfetched(WHATSAPP, BRAM)).toEqual(told("P1"));
    expect(await picture()).toBe("");
    await store.write((tx) => tx.ghosts.setPicture(told("P1"), "mxc://s/1"));
    expect([await picture(), await store.ghosts.allUnfetched()]).toEqual(["mxc://s/1", []]);
    await store.write((tx) => {
      tx.ghosts.tellPicture(told("P3"));
      tx.ghosts.setPicture(told("P2"), "mxc://s/2");
    });
    expect([await picture(), await store.ghosts.allUnfetched()]).toEqual(["mxc://s/2", [told("P3")]]);
    await store.write((tx) => {
      tx.ghosts.setPicture(told("P3"), "mxc://s/3");
      tx.ghosts.setShown(WHATSAPP, BRAM, "Bram (WhatsApp)");
    });
    await store.write((tx) => tx.ghosts.doubt());
    expect([await picture(), await store.ghosts.allUnfetched()]).toEqual(["", [told("P3")]]);
    await store.write((tx) => {
      tx.ghosts.setPicture(told("P3"), "mxc://s/3");
      tx.ghosts.forgetPicture(WHATSAPP, BRAM);
    });
    expect(await store.ghosts.allUnfetched()).toEqual([told("P3")]);
    await store.write((tx) => tx.ghosts.tellPicture(told("")));
    await store.write((tx) => tx.ghosts.setPicture(told("P3"), "mxc://s/3"));
    expect([await picture(), await store.ghosts.allUnfetched()]).toEqual(["", []]);
  });
}
