import { expect, test } from "@jest/globals";
import { nio } from "../../tools/nio/install.ts";
import { NioClient } from "../kit/nio-client.ts";
import type { TestWorld } from "../kit/world.ts";

const python = nio.program("python");
const withNio = python === undefined ? test.skip : test;

/** Clients that are not of Element's making, in an encrypted room. */
export function otherMakes(here: { readonly world: TestWorld }, stack: AsyncDisposableStack): void {
  withNio(
    "a client of another make, matrix-nio, reads and writes (skipped where it is not installed)",
    async () => {
      const { homeserver } = here.world.world;
      const nia = await here.world.person("Nia", ["whatsapp"]);
      const parts = { python: python ?? "", homeserver, userId: nia.userId, password: "nia-password" };
      const other = stack.use(await NioClient.start(parts));
      const phone = await here.world.contact("whatsapp", "Nora Ander");
      await phone.says(nia.userId, "in the clear");
      const { room: at, sender } = await other.shows("in the clear");
      const path = `v3/rooms/${encodeURIComponent(at)}/state/m.room.encryption`;
      await nia.client.call("PUT", path, { algorithm: "m.megolm.v1.aes-sha2" });
      for (const body of ["one", "two", "three"]) {
        await phone.says(nia.userId, `from there: ${body}`);
        expect(await other.shows(`from there: ${body}`)).toMatchObject({ sender, encrypted: true });
        await other.says(at, `from here: ${body}`);
        await phone.hears(`from here: ${body}`);
      }
      const texts = (await phone.inbox()).items
        .filter(({ kind }) => kind === "text")
        .map((item) => item.text);
      expect(texts).toEqual(["from here: one", "from here: two", "from here: three"]);
      expect(other.events.filter(({ room: of, body }) => of === at && body === null)).toEqual([]);
    },
  );
}
