import { describe, expect, test } from "@jest/globals";
import type { Attachment } from "../../src/core/ports/rows.ts";
import { event, LOGIN, type OpenStoreUnderTest, ROOM, row, toMatrix } from "./store-fixtures.ts";

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
}
