import { describe, expect, test } from "@jest/globals";
import { type HostedFile, hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { LOGIN, login, type OpenStoreUnderTest, OTHER_LOGIN, START } from "./store-fixtures.ts";

export function hostedFileRecords(open: OpenStoreUnderTest): void {
  describe("hosted files", () => {
    const file = (id: string, over: Partial<HostedFile> = {}): HostedFile => ({
      id,
      login: LOGIN,
      size: 5_000_000_000,
      at: START,
      ...over,
    });

    test("are found by id until they are removed", async () => {
      await using it = await open();
      const { store } = it;
      const hosted = store.family(hostedFiles);
      await store.write((tx) => {
        tx.family(hostedFiles).add(file("a"));
        tx.family(hostedFiles).add(file("b", { at: START + 1 }));
      });
      expect(await hosted.get("a")).toEqual(file("a"));
      expect(await hosted.all()).toEqual(["a", "b"]);
      await store.write((tx) => tx.family(hostedFiles).remove("a"));
      expect(await hosted.get("a")).toBeUndefined();
      expect(await hosted.all()).toEqual(["b"]);
    });

    test("are stale when they are old, or nobody's any more", async () => {
      await using it = await open();
      const { store } = it;
      const hosted = store.family(hostedFiles);
      await store.write((tx) => {
        tx.logins.add(login());
        tx.family(hostedFiles).add(file("old"));
        tx.family(hostedFiles).add(file("young", { at: START + 2 }));
        tx.family(hostedFiles).add(file("stray", { login: OTHER_LOGIN, at: START + 2 }));
      });
      expect(await hosted.stale(START)).toEqual(["stray"]);
      expect(await hosted.stale(START + 1)).toEqual(["old", "stray"]);
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await hosted.stale(START)).toEqual(["old", "stray", "young"]);
    });
  });
}
