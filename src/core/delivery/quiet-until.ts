import type { PortalKey } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

/** The end of what is quiet until somebody ends it: a time that dates can still show, in milliseconds since the epoch. */
export const FOR_EVER: number = Date.UTC(9999, 11, 31);

export interface QuietUntil {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** The room that is quiet; undefined where the chat has none yet. */
  readonly room: RoomId | undefined;
}

/** The scope of a login's chats that notify nobody for a while; a value is until when, and of which room. */
const scope = (login: PortalKey["login"]): string => `login/${login}/quiet`;

export async function quietUntil(
  { records }: Pick<Store, "records">,
  { login, chat }: PortalKey,
): Promise<QuietUntil | undefined> {
  const value = await records.get(scope(login), chat);
  return value === undefined ? undefined : read(value);
}

/** A login's chats that are quiet. */
export async function allQuiet(
  { records }: Pick<Store, "records">,
  login: PortalKey["login"],
): Promise<readonly (PortalKey & QuietUntil)[]> {
  const all = await records.all(scope(login));
  return all.map(({ name, value }) => ({ login, chat: name as PortalKey["chat"], ...read(value) }));
}

/** `quiet`: undefined where the chat notifies. */
export function setQuietUntil(
  tx: Pick<Writes, "records">,
  { login, chat }: PortalKey,
  quiet: QuietUntil | undefined,
): void {
  if (quiet) tx.records.set(scope(login), chat, `${quiet.until} ${quiet.room ?? ""}`);
  else tx.records.remove(scope(login), chat);
}

function read(value: string): QuietUntil {
  const [until = "0", room = ""] = value.split(" ");
  return { until: Number(until), room: room === "" ? undefined : (room as RoomId) };
}
