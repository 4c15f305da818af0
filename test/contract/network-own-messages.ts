import { expect, test } from "@jest/globals";
import type { ChatId, EventId, MessageId, OutboxId, RoomId } from "../../src/core/model/ids.ts";
import type { NetworkClient, SendResult } from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import { MessageIds } from "../../src/core/to-network/message-ids.ts";
import type { RecordingSink } from "../kit/recording-sink.ts";
import type { NetworkStage } from "./network-suite.ts";

/** A time to come, in milliseconds. */
export const MUTED_UNTIL = 4_102_444_800_000;

interface OwnMessagesFixture {
  readonly stage: NetworkStage;
  readonly login: Login;
  readonly sink: RecordingSink;
  readonly client: NetworkClient;
  readonly chat: ChatId;
  readonly send: (id: string, text: string) => Promise<SendResult | undefined>;
}

/** The ids of our messages, and what our person does on other devices of theirs. */
export function ownMessages(
  fixture: () => OwnMessagesFixture,
  { otherDevices, copies }: { readonly otherDevices: boolean; readonly copies: boolean },
): void {
  test("names each message once, also those of one moment and of a clock that was set back", async () => {
    const { stage, login, chat } = fixture();
    const { network, store } = stage;
    const names = async (at: number, rows: number) => {
      let row = 0;
      const outbox = { newId: () => `row-${at}-${row++}` as OutboxId };
      const ids = new MessageIds({ store, outbox, clock: { now: () => at } });
      const event = { id: `$at-${at}` as EventId, at };
      const reserved = await ids.reserve(network, { login: login.id, chat }, event, rows);
      return reserved.map(({ remoteId }) => remoteId);
    };
    const queue = (ids: readonly MessageId[], at: number) =>
      store.write((tx) => {
        for (const [index, remoteId] of ids.entries()) {
          const id = `${at} ${index}` as OutboxId;
          const event = `$${at} ${index}` as EventId;
          const from = {
            key: { login: login.id, chat },
            room: "!r" as RoomId,
            sender: login.user,
            createdAt: at,
          };
          tx.networkOutbox.add({ ...from, id, remoteId, event, outgoing: undefined });
        }
      });
    const first = await names(5_000, 300);
    await queue(first, 5_000);
    const back = await names(4_900, 300);
    await queue(back, 4_900);
    expect(new Set([...first, ...back]).size).toBe(600);
  });

  test("answers with the ids it gives itself, the same to a repeat", async () => {
    const { stage, send } = fixture();
    const given = [await send("NAMED", "named"), await send("NAMED", "named"), await send("OTHER", "other")];
    const [first, repeat, other] = given.map((taken) => taken?.id);
    if (stage.network.messageId) return expect(given).toEqual([undefined, undefined, undefined]);
    expect(first).toMatch(/./);
    expect(repeat).toBe(first);
    expect(other).not.toBe(first);
  });

  if (otherDevices) {
    test("hands over what our person writes on another device as theirs, once", async () => {
      const { stage, login, sink, chat } = fixture();
      const before = sink.events.length;
      await stage.device?.says("from my phone", "own-1");
      await sink.until("it", () => sink.events.length > before);
      await stage.contact.says(login.visibleId, "an answer", "own-2");
      await sink.until("the answer", () => sink.texts().includes("an answer"));
      // Copies of what was sent before may still be on their way.
      const mine = sink.events.slice(before).filter((event) => !("sentAs" in event));
      expect(mine.map(({ chat: of, sender, id }) => [of, sender, id])).toEqual([
        [chat, undefined, stage.idOf?.("own-1", "us") ?? "own-1"],
        [chat, expect.any(String), stage.idOf?.("own-2", "contact") ?? "own-2"],
      ]);
    });

    test("hands over that our person muted a chat there, and marked it as unread, in that order", async () => {
      const { stage, sink, chat } = fixture();
      const before = sink.events.length;
      await stage.device?.marks("own-3");
      await sink.until("both", () => sink.events.length >= before + 2);
      expect(sink.events.slice(before)).toMatchObject([
        { kind: "muted", muted: true, until: MUTED_UNTIL, chat },
        { kind: "marked-unread", unread: true, chat },
      ]);
    });

    test("says what a chat between two is, where nobody wrote in it yet", async () => {
      const { stage, client, chat } = fixture();
      // Without this the bridge takes every chat for one between two.
      if (client.chatInfo === undefined) return expect(stage.network.groups).toBeUndefined();
      const found = await client.find(stage.contact.query);
      const person = found.kind === "found" ? found.contact.person : undefined;
      expect(await client.chatInfo(chat)).toMatchObject({ kind: "direct", person });
    });
  }

  if (copies) {
    test("brings what we sent ourselves only with the name of what it is a copy of", async () => {
      const { sink, send } = fixture();
      const before = sink.events.length;
      const taken = await send("COPIED", "a copy comes back");
      await sink.until("the copy", () => sink.events.length > before);
      const copies = sink.events.slice(before).filter(({ kind }) => kind === "message");
      expect(copies).toMatchObject([{ kind: "message", sentAs: "COPIED", id: taken?.id ?? "COPIED" }]);
      expect(copies.map(({ sender }) => sender)).toEqual([undefined]);
    });
  }
}
