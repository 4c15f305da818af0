import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, MessageId } from "../../../core/model/ids.ts";
import type { KnownGroup, StoredGroup } from "../group-records.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { readGroupRecord } from "../storage/group-record.ts";
import { GROUP, type StoredAccount } from "../storage/stored-account.ts";
import { storedMarks } from "../storage/stored-marks.ts";
import type { GroupV2Record, ManifestRecord } from "../wire/gen/storage_pb.js";
import { GroupCipher } from "./group-cipher.ts";

/** What a record says about a group. */
interface ReadGroup {
  readonly chat: ChatId;
  readonly masterKey: Uint8Array;
  readonly stored: StoredGroup;
}

/** Groups' records that are stored in one commit. */
const PART = 200;

/**
 * Reads what the account stores about groups, as another device wrote it. A group that is known by that alone has no room
 * before its first message. Throws BridgeError.
 */
export async function readStoredGroups(
  { login, store, sink, clock }: Pick<LoginContext, "login" | "store" | "sink" | "clock">,
  account: Pick<StoredAccount, "records">,
  manifest: ManifestRecord,
  unread: (fault: unknown) => void,
): Promise<void> {
  const groups = await store.family(signalFamily).groups(login);
  const known = new Map(groups.map((group) => [group.chat, group]));
  const before = new Map(
    groups.flatMap(({ chat, stored }) => (stored ? [[keyOf(stored.storageId), chat]] : [])),
  );
  const ids = manifest.identifiers.filter(({ type }) => type === GROUP).map(({ raw }) => raw);
  const isNew = ids.filter((id) => !before.has(keyOf(id)));
  const read: ReadGroup[] = [];
  let missing = isNew.length;
  for await (const { id, record } of account.records(manifest, isNew, unread)) {
    missing -= 1;
    const group = record.record.case === "groupV2" ? readGroup(record.record.value, id) : undefined;
    if (group) read.push(group);
  }
  const found = new Set(read.map(({ chat }) => chat));
  const kept = new Set(ids.map(keyOf));
  const isGone = ({ chat, stored }: Pick<KnownGroup, "chat" | "stored">): boolean =>
    stored !== undefined && !kept.has(keyOf(stored.storageId)) && !found.has(chat);
  // A record that could not be read may be the newer one of a group whose former one is gone.
  const gone = missing > 0 ? [] : groups.filter(isGone);
  const chats = new Set((await store.portals.ofLogin(login)).map(({ chat }) => chat));
  const changes = (chat: ChatId, after: StoredGroup | undefined): readonly RemoteEvent[] =>
    chats.has(chat)
      ? [...groupMarks(chat, known.get(chat)?.stored, after, manifest.version, clock.now())]
      : [];
  for (let start = 0; start < read.length; start += PART) {
    const some = read.slice(start, start + PART);
    await sink.accept(
      some.flatMap(({ chat, stored }) => changes(chat, stored)),
      (tx) => {
        const signal = tx.family(signalFamily);
        for (const { chat, masterKey, stored } of some) {
          signal.addGroup(login, chat, masterKey);
          signal.setStoredGroup(login, chat, stored);
        }
      },
    );
  }
  if (gone.length > 0)
    await sink.accept(
      gone.flatMap(({ chat }) => changes(chat, undefined)),
      (tx) => gone.forEach(({ chat }) => tx.family(signalFamily).removeStoredGroup(login, chat)),
    );
}

/** Who blocks a group is out of it; the group's own change says so too, where it comes. */
function* groupMarks(
  chat: ChatId,
  before: StoredGroup | undefined,
  after: StoredGroup | undefined,
  version: bigint,
  at: number,
): Generator<RemoteEvent> {
  yield* storedMarks({ chat, before, after }, version, at);
  if (after?.blocked !== true || before?.blocked === true) return;
  const id = `storage/${version}/blocked` as MessageId;
  const changes = [{ person: undefined, membership: "left" }] as const;
  yield { kind: "group-members", chat, sender: undefined, id, at, changes };
}

function readGroup(record: GroupV2Record, storageId: Uint8Array): ReadGroup | undefined {
  const { masterKey } = record;
  const chat = GroupCipher.of(masterKey)?.chat;
  return chat && { chat, masterKey, stored: readGroupRecord(record, storageId) };
}

const keyOf = (id: Uint8Array): string => Buffer.from(id).toString("base64");
