import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../../../src/core/model/ids.ts";
import { syncEvents } from "../../../../src/networks/signal/convert/sync-events.ts";
import { groupChat } from "../../../../src/networks/signal/ids.ts";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { contentBytes } from "../wire/mock-protos.ts";

type Content = NonNullable<Parameters<typeof contentBytes>[0]["content"]>;
type SyncMessage = NonNullable<Extract<Content, { syncMessage?: unknown }>["syncMessage"]>;

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const bob = "cccccccc-0000-4000-8000-000000000003";
const own = "bbbbbbbb-0000-4000-8000-000000000002" as PersonId;
const head = { own, timestamp: 9, at: 10 };

/** What another device's bytes tell: encoded by the mock, decoded and converted by us. */
function told(syncMessage: SyncMessage) {
  const { body } = decodeContent(contentBytes({ content: { syncMessage } }));
  if (body.kind !== "sync") throw new Error(body.kind);
  const { sync } = body;
  const isDoing =
    sync.kind === "read" ||
    sync.kind === "viewed" ||
    sync.kind === "deleteForMe" ||
    sync.kind === "requestAnswered" ||
    sync.kind === "call";
  return isDoing ? syncEvents(sync, head) : sync.kind;
}

const message = (author: string, time: bigint) => ({ senderAciBinary: uuidBytes(author), timestamp: time });
const read = (author: string, time: number) => ({
  kind: "read",
  chat: author,
  sender: undefined,
  id: `${author}/${time}`,
  at: 10,
  target: `${author}/${time}`,
});

describe("what our person's other devices tell", () => {
  test("read: the latest of each chat, and none of their own", () => {
    expect(told({ read: [message(ada, 5n), message(bob, 3n), message(ada, 4n), message(own, 8n)] })).toEqual([
      read(ada, 5),
      read(bob, 3),
    ]);
    expect(told({ viewed: [message(ada, 5n)] })).toEqual([read(ada, 5)]);
    expect(told({ read: [message(ada, 0n), { timestamp: 5n }] })).toEqual([]);
  });

  test("deleted for themself: each message in its chat, whoever wrote it", () => {
    const conversation = { identifier: { threadServiceIdBinary: uuidBytes(ada) } };
    const named = (author: string, sentTimestamp: bigint) => ({
      author: { authorServiceIdBinary: uuidBytes(author) },
      sentTimestamp,
    });
    const messageDeletes = [
      { conversation, messages: [named(ada, 5n), named(own, 6n), { sentTimestamp: 7n }] },
    ];
    const hidden = (target: string) => ({
      kind: "hidden",
      chat: ada,
      sender: undefined,
      id: target,
      at: 10,
      target,
    });
    const conversationDeletes = [{ conversation, mostRecentMessages: [named(ada, 5n)], isFullDelete: true }];
    expect(told({ content: { deleteForMe: { messageDeletes, conversationDeletes } } })).toEqual([
      hidden(`${ada}/5`),
      hidden(`${own}/6`),
      { kind: "chat-deleted", chat: ada, sender: undefined, id: `${own}/9`, at: 10 },
    ]);
    const inGroup = (threadGroupId: Uint8Array<ArrayBuffer>) => [
      { conversation: { identifier: { threadGroupId } }, messages: [named(ada, 5n)] },
    ];
    expect(told({ content: { deleteForMe: { messageDeletes: inGroup(new Uint8Array(32)) } } })).toEqual([
      { ...hidden(`${ada}/5`), chat: groupChat(new Uint8Array(32)) },
    ]);
    expect(told({ content: { deleteForMe: { messageDeletes: inGroup(new Uint8Array(31)) } } })).toEqual([]);
  });

  test.each([
    [
      1,
      [
        { kind: "request-answered", accepted: true },
        { kind: "blocked", blocked: false },
      ],
    ],
    [2, [{ kind: "request-answered", accepted: false }]],
    [
      3,
      [
        { kind: "request-answered", accepted: false },
        { kind: "blocked", person: ada, blocked: true },
      ],
    ],
    [
      4,
      [
        { kind: "request-answered", accepted: false },
        { kind: "blocked", blocked: true },
      ],
    ],
    [5, [{ kind: "request-answered", accepted: false }]],
    [
      6,
      [
        { kind: "request-answered", accepted: false },
        { kind: "blocked", blocked: true },
      ],
    ],
  ])("answered a request: %d is %j", (type, expected) => {
    const response = { threadAciBinary: uuidBytes(ada), type };
    const events = told({ content: { messageRequestResponse: response } });
    expect(events).toHaveLength(expected.length);
    expect(events).toMatchObject(
      expected.map((event) => ({ ...event, chat: ada, sender: undefined, id: `${own}/9` })),
    );
  });

  test("called: what they began, once, and not what they took or only rang", () => {
    const call = {
      conversationId: uuidBytes(ada),
      callId: 1n,
      timestamp: 9n,
      type: 2,
      direction: 2,
      event: 1,
    };
    const event = { kind: "call", chat: ada, sender: undefined, id: "call/1", at: 10, video: true };
    expect(told({ content: { callEvent: call } })).toEqual([event]);
    expect(told({ content: { callEvent: { ...call, type: 1, event: 2 } } })).toEqual([
      { ...event, video: false },
    ]);
    // Told of as it rings and as it is taken, in two messages: one event.
    expect(told({ content: { callEvent: { ...call, event: 2, timestamp: 8n } } })).toEqual([event]);
    expect(told({ content: { callEvent: { ...call, callId: 0n } } })).toEqual([{ ...event, id: `${own}/9` }]);
    expect(told({ content: { callEvent: { ...call, direction: 1 } } })).toEqual([]);
    expect(told({ content: { callEvent: { ...call, event: 3 } } })).toEqual([]);
    expect(told({ content: { callEvent: { ...call, type: 3 } } })).toBe("other");
  });

  test("a group's request is answered, and blocking it declines it; nothing of their own request", () => {
    const answered = (accepted: boolean) => [
      {
        kind: "request-answered",
        chat: groupChat(new Uint8Array(32)),
        sender: undefined,
        id: `${own}/9`,
        at: 10,
        accepted,
      },
    ];
    const groupId = new Uint8Array(32);
    expect(told({ content: { messageRequestResponse: { groupId, type: 1 } } })).toEqual(answered(true));
    expect(told({ content: { messageRequestResponse: { groupId, type: 3 } } })).toEqual(answered(false));
    expect(
      told({ content: { messageRequestResponse: { threadAciBinary: uuidBytes(own), type: 3 } } }),
    ).toEqual([]);
  });
});
