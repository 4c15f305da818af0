import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { answerRequest } from "../../../src/core/chats/requests.ts";
import type { Outgoing, PortalKey } from "../../../src/core/model/events.ts";
import type { ChatId } from "../../../src/core/model/ids.ts";
import type { RemoteSink } from "../../../src/core/ports/network.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { networkInboxIntake } from "../../../src/core/to-matrix/network-inbox-intake.ts";
import { openStore } from "../../../src/store/open.ts";
import {
  BRAM,
  KEY,
  LOGIN,
  login,
  OTHER_LOGIN,
  portal,
  remote,
  row,
  said,
  toNetwork,
} from "../../contract/store-fixtures.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { MemoryNetwork } from "../../kit/memory-network.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const GROUP: PortalKey = { login: LOGIN, chat: "a-group" as ChatId };

let store: Store;
let sink: RemoteSink;

beforeEach(async () => {
  store = openStore({ path: ":memory:", log: quietLog });
  await store.write((tx) => {
    tx.logins.add(login());
    tx.portals.add(portal());
  });
  const clock = new VirtualClock();
  sink = networkInboxIntake(
    {
      store,
      clock,
      unstorable: { fromNetwork: async (_, events, take) => take(events) },
      delivery: {
        accepted() {},
        arrived: async () => () => {},
        giveUp: async () => {},
        note: () => () => {},
      },
      receipt: async () => {},
      signal() {},
      wrote() {},
      unreached: async () => {},
      tell: async () => {},
      capabilities() {},
      state() {},
      ended: async () => {},
      resumed: async () => {},
    },
    login(),
    new MemoryNetwork(clock),
  );
});
afterEach(async () => store[Symbol.asyncDispose]());

/** Queues what is sent under this name, and marks it as sent. */
const sent = (name: string, outgoing: Outgoing, key = KEY) =>
  store.write((tx) => {
    tx.networkOutbox.add(toNetwork(name, { key, outgoing }));
    tx.networkOutbox.setState(row(name), "sent");
  });
const text = (words: string): Outgoing => ({ kind: "message", message: said(words) });

test("a chat is a request until our person answers it", async () => {
  await store.write((tx) => tx.records.set(`login/${LOGIN}/request`, KEY.chat, "asked"));
  expect([await sink.isRequest(KEY.chat), await sink.isRequest(GROUP.chat)]).toEqual([true, false]);
  await store.write((tx) => answerRequest(tx, KEY, true));
  expect(await sink.isRequest(KEY.chat)).toBe(false);
});

describe("a message that a device of our person's own account asks for again", () => {
  test("is found without its chat, which it is given with", async () => {
    await sent("a", text("to a contact"));
    await sent("b", text("to a group"), GROUP);
    expect(await sink.againForOwn(remote("A"))).toEqual({ chat: KEY.chat, outgoing: text("to a contact") });
    expect(await sink.againForOwn(remote("B"))).toEqual({ chat: GROUP.chat, outgoing: text("to a group") });
  });

  test("is not given where it is another login's, or nobody's", async () => {
    await sent("a", text("of another"), { ...KEY, login: OTHER_LOGIN });
    expect(await sink.againForOwn(remote("A"))).toBeUndefined();
    expect(await sink.againForOwn(remote("NEVER"))).toBeUndefined();
  });

  test("is given also where the contact may not get it any more", async () => {
    await sent("a", text("before they were blocked"));
    await store.write((tx) => tx.portals.setState(KEY, "archived"));
    expect(await sink.again(KEY.chat, remote("A"))).toBeUndefined();
    expect(await sink.againForOwn(remote("A"))).toMatchObject({ chat: KEY.chat });
  });

  test("is not given once the contact has it, as its words are not kept any longer", async () => {
    await sent("a", text("delivered"));
    await store.write((tx) => tx.networkOutbox.setState(row("a"), "delivered"));
    expect(await sink.againForOwn(remote("A"))).toBeUndefined();
  });

  test("is not given where our person deleted it, and an edit of it neither; their deletion is", async () => {
    await sent("a", text("regretted"));
    await sent("e", { kind: "edit", target: remote("A"), message: said("mended") });
    const deletion: Outgoing = { kind: "delete", target: remote("A") };
    await sent("d", deletion);
    expect(await sink.againForOwn(remote("E"))).toMatchObject({ outgoing: { kind: "edit" } });
    await store.write((tx) => tx.withdrawn.add(KEY, { id: remote("A"), sender: undefined, part: undefined }));
    expect(await sink.againForOwn(remote("A"))).toBeUndefined();
    expect(await sink.againForOwn(remote("E"))).toBeUndefined();
    expect(await sink.againForOwn(remote("D"))).toEqual({ chat: KEY.chat, outgoing: deletion });
  });

  test("is given where a contact's message of that id was deleted, or only a part of it", async () => {
    await sent("a", text("kept"));
    await store.write((tx) => {
      tx.withdrawn.add(KEY, { id: remote("A"), sender: BRAM, part: undefined });
      tx.withdrawn.add(KEY, { id: remote("A"), sender: undefined, part: 1 });
    });
    expect(await sink.againForOwn(remote("A"))).toMatchObject({ outgoing: text("kept") });
  });
});
