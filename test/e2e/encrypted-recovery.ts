import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import type { CryptoClient, CryptoEvent } from "../kit/crypto-client.ts";
import { eventually } from "../kit/eventually.ts";
import type { TestWorld } from "../kit/world.ts";

interface EncryptedChatIn {
  readonly world: TestWorld;
  readonly userId: string;
  readonly client: CryptoClient;
  /** The contact's. */
  readonly phone: Phone;
  readonly room: string;
}

const WELL = { encrypted: true, failure: null, shield: 0 };
const said = (body: string) => (event: CryptoEvent) => event.content["body"] === body;

/** What is lost of the bot's and the contacts' devices, at the homeserver or here, is made anew with the same identity. */
export function recoversDevices(of: () => EncryptedChatIn): void {
  /** A text each way, read without a shield. */
  async function goesOn(when: string): Promise<void> {
    const { userId, client, phone, room } = of();
    await phone.says(userId, `from there, ${when}`);
    const shown = await client.shows(`what the contact says ${when}`, said(`from there, ${when}`), 60);
    expect(shown).toMatchObject(WELL);
    await client.send(room, { msgtype: "m.text", body: `from here, ${when}` });
    await phone.hears(`from here, ${when}`);
  }

  test("devices that an administrator of the homeserver deletes are made anew, and clients see the same identity", async () => {
    const { world } = of();
    const admin = await world.admin();
    const { sender } = await of().client.shows(
      "a contact",
      ({ room: at, sender: by, encrypted }) => at === of().room && encrypted && by.startsWith("@_tpc_"),
    );
    for (const user of [world.botId, sender]) {
      const path = `v2/users/${encodeURIComponent(user)}/devices`;
      const { devices } = (await admin.ask("GET", path)) as { devices: { device_id: string }[] };
      for (const { device_id: id } of devices)
        if (id !== "BRIDGE") await admin.ask("DELETE", `${path}/${id}`);
    }
    const { client, phone, room } = of();
    let count = 0;
    // What is written for a device that is no more, before the bridge knows of it, is said to be unreadable.
    const isRead = async (): Promise<boolean> => {
      count += 1;
      await client.send(room, { msgtype: "m.text", body: `is it read: ${count}` });
      const heard = phone.hears(`is it read: ${count}`, { seconds: 3 });
      return heard.then(
        () => true,
        () => false,
      );
    };
    await eventually("a message that is read again", isRead, 60);
    await goesOn("after the deletion");
  });

  test("an older copy of the database that is put back by hand makes all devices anew, and nothing stays unread", async () => {
    const { world } = of();
    const { bridge, files } = world.world;
    const copy = `${files.database}.copy`;
    await bridge.stop();
    copyFileSync(files.database, copy);
    await world.world.startBridge();
    for (const when of ["after the copy", "later"]) await goesOn(when);
    await bridge.kill("SIGKILL");
    for (const end of ["-wal", "-shm"]) rmSync(files.database + end, { force: true });
    copyFileSync(copy, files.database);
    await world.world.startBridge();
    for (const when of ["after the return", "and then"]) await goesOn(when);
    const noticed = readFileSync(files.logs.bridge, "utf8").match(
      /an older copy of it may have been put back/g,
    );
    expect(noticed).toHaveLength(1);
  });
}
