import { describe, expect, test } from "@jest/globals";
import type { MessageId } from "../../../src/core/model/ids.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { messageNameOf } from "../../../src/networks/signal/ids.ts";
import { uuidBytes } from "../../../src/networks/signal/wire/service-id.ts";
import { quoteOf } from "../../../tools/signal-mock/contents.ts";
import type { Heard } from "../../../tools/signal-mock/journal.ts";
import { portal } from "../../contract/store-fixtures.ts";
import { chatOf, personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();
const timeOf = (id: MessageId): number => messageNameOf(id)?.timestamp ?? 0;
const said = (words: string) => ({
  parts: [{ kind: "text", style: "text", body: plainText(words) } as const],
});

/** Sends and commits what is sent with it; answers what the contact's phone heard. */
async function sends(outgoing: Parameters<typeof stage.session.sends>[1], id = stage.session.nextId()) {
  const { session, world, wim } = stage;
  const result = await session.sends(wim, outgoing, id);
  const { record } = result ?? {};
  if (record) await world.store.write(record);
  const isIt = ({ content }: Heard) => {
    const { dataMessage, editMessage } = content?.content ?? {};
    return (dataMessage ?? editMessage?.dataMessage)?.timestamp === BigInt(timeOf(id));
  };
  return { id, heard: (await wim.journal.find("it", isIt)).content?.content };
}

const edits = (target: MessageId, words: string, id?: MessageId) =>
  sends({ kind: "edit", target, message: said(words) }, id);

describe("a message that was changed", () => {
  test("of ours is changed, answered and deleted under the name of its last edit", async () => {
    const { id } = await sends({ kind: "message", message: said("first") });
    const second = await edits(id, "second");
    expect(second.heard?.editMessage?.targetSentTimestamp).toBe(BigInt(timeOf(id)));
    const third = await edits(id, "third");
    expect(third.heard?.editMessage?.targetSentTimestamp).toBe(BigInt(timeOf(second.id)));
    const reply = { ...said("about it"), replyTo: { id, own: true } };
    const answer = await sends({ kind: "message", message: reply });
    expect(answer.heard?.dataMessage?.quote?.id).toBe(BigInt(timeOf(third.id)));
    const deletion = await sends({ kind: "delete", target: id });
    expect(deletion.heard?.dataMessage?.delete?.targetSentTimestamp).toBe(BigInt(timeOf(third.id)));
  });

  test("keeps its name while an edit of it is sent again", async () => {
    const { session, wim } = stage;
    const { id } = await sends({ kind: "message", message: said("one") });
    const lost = session.nextId();
    // The connection ends before the result is committed: the same edit goes out again, about the same name.
    await session.sends(wim, { kind: "edit", target: id, message: said("two") }, lost);
    const again = await edits(id, "two", lost);
    expect(again.heard?.editMessage?.targetSentTimestamp).toBe(BigInt(timeOf(id)));
    const next = await edits(id, "three");
    expect(next.heard?.editMessage?.targetSentTimestamp).toBe(BigInt(timeOf(lost)));
  });

  test("by a contact, edit after edit, has our reaction under the name of the last", async () => {
    const { phone, wim } = stage;
    const { timestamp } = await wim.says(phone, "old words");
    const first = await wim.edits(phone, timestamp, "newer words");
    const last = await wim.edits(phone, first.timestamp, "newest words");
    const { id: target } = await stage.event("message", timestamp);
    await stage.event("edit", last.timestamp);
    const reaction = await sends({ kind: "reaction", target, own: false, emoji: "👍" });
    expect(reaction.heard?.dataMessage?.reaction?.targetSentTimestamp).toBe(BigInt(last.timestamp));
  });

  // Signal's apps show who got and read a message by its last edit.
  test("by a contact was delivered, and is read, by each of its names", async () => {
    const { session, world, phone, wim } = stage;
    const { id: login, network } = session.login;
    const inRoom = portal({ login, network, chat: chatOf(wim), person: personIdOf(wim) });
    await world.store.write((tx) => tx.portals.add(inRoom));
    const receiptOf = (type: number, timestamp: number) =>
      wim.journal.find("the receipt", ({ content }) => {
        const { receiptMessage } = content?.content ?? {};
        const isIt = Number(receiptMessage?.type ?? -1) === type;
        return isIt && (receiptMessage?.timestamp ?? []).includes(BigInt(timestamp));
      });
    const { timestamp } = await wim.says(phone, "unread words");
    const edit = await wim.edits(phone, timestamp, "changed before they are read");
    const { id } = await stage.event("message", timestamp);
    await receiptOf(0, edit.timestamp);
    session.client.markRead(chatOf(wim), personIdOf(wim), [id], "read");
    await receiptOf(1, timestamp);
    await receiptOf(1, edit.timestamp);
  });

  test("on our person's phone is changed here under the name it has there", async () => {
    const { phone, wim } = stage;
    const { timestamp } = await phone.writesFromPhone(wim, "from the phone");
    const edit = await phone.editsFromPhone(wim, timestamp, "mended on the phone");
    const { id } = await stage.event("message", timestamp);
    await stage.event("edit", edit.timestamp);
    const here = await edits(id, "mended here");
    expect(here.heard?.editMessage?.targetSentTimestamp).toBe(BigInt(edit.timestamp));
  });

  // Signal's apps take an edit of an answer that does not say what it answers as no answer any more.
  test("that answers another still does, by the name that it gave first, wherever it was written", async () => {
    const { phone, wim } = stage;
    const { timestamp } = await wim.says(phone, "a question");
    const { id: question } = await stage.event("message", timestamp);
    const here = await sends({
      kind: "message",
      message: { ...said("here"), replyTo: { id: question, own: false } },
    });
    const there = await phone.writesFromPhone(wim, "there", {
      data: { quote: quoteOf(uuidBytes(wim.aci), timestamp, "a question") },
    });
    const { id: answer } = await stage.event("message", there.timestamp);
    const changed = await wim.edits(phone, timestamp, "another question");
    await stage.event("edit", changed.timestamp);
    for (const id of [here.id, answer]) {
      const first = await edits(id, "changed");
      const second = await edits(id, "changed again");
      for (const { heard } of [first, second])
        expect(heard?.editMessage?.dataMessage?.quote).toMatchObject({
          id: BigInt(timestamp),
          authorAciBinary: uuidBytes(wim.aci),
        });
    }
  });
});
