import { describe, expect, test } from "@jest/globals";
import type { Attachment, HostedFile } from "../../src/core/ports/rows.ts";
import {
  event,
  LOGIN,
  login,
  type OpenStoreUnderTest,
  OTHER_LOGIN,
  ROOM,
  row,
  START,
  toMatrix,
} from "./store-fixtures.ts";

const begun: Attachment = {
  login: LOGIN,
  media: {
    kind: "image",
    source: { at: "network", ref: '{"key":"…"}' },
    mimetype: "image/png",
    name: "Ünïcode \u0000.png",
  },
};

export function media(open: OpenStoreUnderTest): void {
  describe("a file on its way", () => {
    test("is kept with its row, step by step", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => tx.matrixOutbox.add(toMatrix("a", { attachment: begun })));
      expect((await store.matrixOutbox.next(ROOM, 1))[0]?.attachment).toEqual(begun);
      const reserved = { ...begun, uri: "mxc://test/1" };
      await store.write((tx) => tx.matrixOutbox.setAttachment(row("a"), reserved));
      const again = await it.reopen();
      expect((await again.matrixOutbox.next(ROOM, 1))[0]?.attachment).toEqual(reserved);
    });

    test("is forgotten when the row ends", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.matrixOutbox.add(toMatrix("a", { attachment: begun }));
        tx.matrixOutbox.add(toMatrix("b", { attachment: begun }));
        tx.matrixOutbox.sent(row("a"), event("1"));
        tx.matrixOutbox.abandon(row("b"));
        tx.matrixOutbox.setAttachment(row("a"), begun);
      });
      expect(it.holds("image/png")).toBe(false);
    });
  });

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
      await store.write((tx) => {
        tx.hosted.add(file("a"));
        tx.hosted.add(file("b", { at: START + 1 }));
      });
      expect(await store.hosted.get("a")).toEqual(file("a"));
      expect(await store.hosted.all()).toEqual(["a", "b"]);
      await store.write((tx) => tx.hosted.remove("a"));
      expect(await store.hosted.get("a")).toBeUndefined();
      expect(await store.hosted.all()).toEqual(["b"]);
    });

    test("are stale when they are old, or nobody's any more", async () => {
      await using it = await open();
      const { store } = it;
      await store.write((tx) => {
        tx.logins.add(login());
        tx.hosted.add(file("old"));
        tx.hosted.add(file("young", { at: START + 2 }));
        tx.hosted.add(file("stray", { login: OTHER_LOGIN, at: START + 2 }));
      });
      expect(await store.hosted.stale(START)).toEqual(["stray"]);
      expect(await store.hosted.stale(START + 1)).toEqual(["old", "stray"]);
      await store.write((tx) => tx.logins.remove(LOGIN));
      expect(await store.hosted.stale(START)).toEqual(["old", "stray", "young"]);
    });
  });
}
