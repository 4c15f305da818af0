import { describe, expect, test } from "@jest/globals";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { contentBytes } from "./mock-protos.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const bob = "cccccccc-0000-4000-8000-000000000003";
type Content = NonNullable<Parameters<typeof contentBytes>[0]["content"]>;
type Sync = NonNullable<Extract<Content, { syncMessage?: unknown }>["syncMessage"]>;

/** What we read of what another device sends by the mock's encoder. */
function read(content: NonNullable<Sync["content"]>) {
  const { body } = decodeContent(contentBytes({ content: { syncMessage: { content } } }));
  return body.kind === "sync" ? body.sync : body;
}

describe("what another device of our person tells", () => {
  test("who is blocked, by account in either field, by number and by group", () => {
    const blocked = {
      numbers: ["+31612345678"],
      acis: [ada, "nobody"],
      acisBinary: [uuidBytes(bob), uuidBytes(ada)],
      groupIds: [Uint8Array.of(1)],
    };
    expect(read({ blocked })).toEqual({
      kind: "blocked",
      numbers: ["+31612345678"],
      accounts: [bob, ada],
      groups: [Uint8Array.of(1)],
    });
  });

  test("the settings, and nothing of those it does not say", () => {
    expect(read({ configuration: { readReceipts: false, linkPreviews: true } })).toEqual({
      kind: "configuration",
      readReceipts: false,
      typingIndicators: undefined,
      linkPreviews: true,
    });
  });

  test("the keys of what the account stores", () => {
    const [master, mediaRootBackupKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const entropy = "a".repeat(64);
    expect(read({ keys: { master, accountEntropyPool: entropy, mediaRootBackupKey } })).toEqual({
      kind: "keys",
      masterKey: master,
      accountEntropyPool: entropy,
      mediaRootBackupKey,
    });
    expect(read({ keys: { accountEntropyPool: entropy } })).toEqual({
      kind: "keys",
      accountEntropyPool: entropy,
    });
  });

  test("where the file of contacts is", () => {
    const blob = { attachmentIdentifier: { cdnId: 12_345_678_901_234n }, key: new Uint8Array(64), size: 9 };
    expect(read({ contacts: { blob, complete: true } })).toMatchObject({
      kind: "contacts",
      blob: { cdn: 0, cdnKey: "12345678901234", size: 9 },
      complete: true,
    });
  });

  test("that the phone number is another one, with the keys for it", () => {
    const keys = {
      identityKeyPair: Uint8Array.of(1),
      signedPreKey: Uint8Array.of(2),
      lastResortKyberPreKey: Uint8Array.of(3),
      registrationId: 4,
    };
    expect(read({ pniChangeNumber: { ...keys, newE164: "+31687654321" } })).toEqual({
      kind: "numberChanged",
      ...keys,
      number: "+31687654321",
    });
  });

  test.each([
    [1, "profile"],
    [2, "storage"],
    [3, "other"],
    [99, "other"],
  ])("what to fetch: %d is %s", (type, what) => {
    expect(read({ fetchLatest: { type } })).toEqual({ kind: "fetchLatest", what });
  });

  test("what it asks for itself, a device's new name, and what does not concern a bridge", () => {
    expect(read({ request: { type: 1 } })).toEqual({ kind: "request", request: "contacts" });
    expect(read({ request: { type: 99 } })).toEqual({ kind: "request", request: "other" });
    expect(read({ deviceNameChange: { deviceId: 3 } })).toEqual({ kind: "deviceRenamed", device: 3 });
    expect(read({ viewOnceOpen: { timestamp: 5n } })).toEqual({ kind: "other" });
    expect(read({ callLogEvent: { type: 0 } })).toEqual({ kind: "other" });
  });

  test("a story of theirs, and what only tells to whom more it went", () => {
    const story = { sent: { timestamp: 5n, storyMessage: {} } };
    expect(read(story)).toMatchObject({ kind: "sent", sent: { kind: "story" } });
    expect(read({ sent: { timestamp: 5n, isRecipientUpdate: true } })).toEqual({ kind: "other" });
  });
});
