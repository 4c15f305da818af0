import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { applyItem, type Chats, unread } from "../../../src/sandbox/page/model/fold.ts";
import type { Chat, PhoneItem } from "../../../src/sandbox/page/model/phone.ts";

type Fields = Partial<PhoneItem> & Pick<PhoneItem, "kind">;

let seq = 0;
function item(id: string, fields: Fields): PhoneItem {
  seq += 1;
  return { seq, id, from: "a", from_name: "Ana", chat: "a", at: seq, ...fields };
}
const own = { own: true } as const;

function folded(items: readonly PhoneItem[]): Chat {
  const chats: Chats = new Map();
  for (const one of items) applyItem(chats, one);
  const [chat] = chats.values();
  if (chat === undefined) throw new Error("no chat");
  return chat;
}

describe("a phone's journal", () => {
  test("shows ticks that only rise, whatever the order of the receipts", () => {
    const receipts = (["read", "delivered", "played"] as const).map((receipt) =>
      item("M", { kind: "receipt", target: "M", receipt }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(receipts, { minLength: 1 }), (some) => {
        const { messages } = folded([item("M", { kind: "text", text: "x", ...own }), ...some]);
        const order = ["delivered", "read", "played"];
        const highest = order.findLast((one) => some.some(({ receipt }) => receipt === one));
        expect(messages[0]?.tick).toBe(highest);
      }),
    );
  });

  test("comes to the same bubble when what is about a message comes before it", () => {
    const about = [
      item("R", { kind: "reaction", target: "M", emoji: "👍" }),
      item("R2", { kind: "reaction", target: "M", emoji: "❤️", ...own }),
      item("E", { kind: "edit", target: "M", text: "new" }),
      item("M", { kind: "receipt", target: "M", receipt: "read", ...own }),
    ];
    const message = item("M", { kind: "text", text: "old" });
    fc.assert(
      fc.property(fc.nat(about.length), (at) => {
        const { messages, waiting } = folded([...about.slice(0, at), message, ...about.slice(at)]);
        expect(messages).toEqual([{ item: message, theirs: "👍", mine: "❤️", edited: "new", marked: "read" }]);
        expect(waiting).toEqual([]);
      }),
    );
  });

  test("lets only the author edit or delete, and tells both sides' messages of one id apart", () => {
    const { messages } = folded([
      item("M", { kind: "text", text: "mine", ...own }),
      item("M", { kind: "text", text: "theirs" }),
      item("D", { kind: "delete", target: "M" }),
      item("E", { kind: "edit", target: "M", text: "mine, better", ...own }),
    ]);
    expect(messages).toMatchObject([{ edited: "mine, better" }, { deleted: true }]);
    expect(messages[0]?.deleted).toBeUndefined();
    expect(messages[1]?.edited).toBeUndefined();
  });

  test("drops repeats, and puts what could be decrypted at last in the place of its notice", () => {
    const { messages } = folded([
      item("M", { kind: "undecryptable" }),
      item("M", { kind: "undecryptable", repeat: true }),
      item("N", { kind: "text", text: "later" }),
      item("M", { kind: "text", text: "first" }),
      item("N", { kind: "text", text: "later", repeat: true }),
    ]);
    expect(messages.map(({ item: { text } }) => text)).toEqual(["first", "later"]);
  });

  test("counts as unread what came and was not marked, played or deleted", () => {
    const chat = folded([
      item("A", { kind: "text", text: "a" }),
      item("B", { kind: "text", text: "b" }),
      item("C", { kind: "voice" }),
      item("D", { kind: "text", text: "d" }),
      item("E", { kind: "text", text: "e", ...own }),
      item("A", { kind: "receipt", target: "A", receipt: "read", ...own }),
      item("C", { kind: "receipt", target: "C", receipt: "played", ...own }),
      item("X", { kind: "delete", target: "D" }),
    ]);
    expect(unread(chat).map(({ item: { id } }) => id)).toEqual(["B"]);
  });

  test("forgets that somebody types when they have written", () => {
    const typing = item("", { kind: "typing", on: true, voice: true });
    expect(folded([typing]).typing).toMatchObject({ voice: true });
    expect(folded([typing, item("M", { kind: "text", text: "x" })]).typing).toBeUndefined();
  });
});
