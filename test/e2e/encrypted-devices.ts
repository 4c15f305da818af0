import { expect, test } from "@jest/globals";
import type { Phone } from "../../tools/sandbox/control.ts";
import type { CryptoClient, CryptoEvent } from "../kit/crypto-client.ts";
import { eventually } from "../kit/eventually.ts";

interface DevicesOf {
  readonly userId: string;
  readonly client: CryptoClient;
  /** The contact's. */
  readonly phone: Phone;
  readonly room: string;
}

/** A person's devices come and go in an encrypted room. */
export function devicesComeAndGo(of: () => DevicesOf, another: () => Promise<CryptoClient>): void {
  const says = (body: string) => (event: CryptoEvent) => event.content["body"] === body;

  test("a second device reads and writes from its login on, and what is said after its logout it could not", async () => {
    const { userId, client, phone, room } = of();
    const second = await another();
    await phone.says(userId, "to both");
    const both = [await client.shows("to both", says("to both")), await second.shows("it", says("to both"))];
    for (const event of both) expect(event).toMatchObject({ encrypted: true, failure: null, shield: 0 });
    await second.send(room, { msgtype: "m.text", body: "from the second" });
    await phone.hears("from the second");
    const earlier = await second.shows(
      "what was said before its login",
      ({ room: at, encrypted, failure }) => at === room && encrypted && failure !== null,
    );
    expect(earlier.content["body"]).not.toBe("to both");
    await second.logout();
    let said = 0;
    // The bridge hears of it by its next sync.
    await eventually("another session", async () => {
      said += 1;
      await phone.says(userId, `to one device ${said}`);
      const shown = await client.shows("what is for one", says(`to one device ${said}`));
      expect(shown).toMatchObject({ failure: null, shield: 0 });
      return shown.session !== both[0]?.session;
    });
  });
}
