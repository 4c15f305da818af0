import type { MatrixEvent, PortalKey, RemoteEvent } from "../../src/core/model/events.ts";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  NetworkId,
  OutboxId,
  PersonId,
  RoomId,
  UserId,
} from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type {
  Contact,
  DirectPortal,
  Login,
  MessageLink,
  NewMatrixOutboxRow,
  NewNetworkOutboxRow,
  Reaction,
} from "../../src/core/ports/rows.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";

/** A store that can be put away and opened again, on a clock the test moves. */
interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  readonly clock: { at: number };
  /** What was logged as an error. */
  readonly errors: readonly string[];
  reopen(): Promise<Store>;
  /** Whether the words are in any row. */
  holds(words: string): boolean;
}

/** One implementation of the port; a suite is run on each. */
export type OpenStoreUnderTest = () => Promise<StoreUnderTest>;

export const DAY = 86_400_000;
export const START = Date.UTC(2026, 0, 1);
export const LOGIN = "login-a" as LoginId;
export const OTHER_LOGIN = "login-b" as LoginId;
export const CHAT = "31600000001@s" as ChatId;
export const KEY: PortalKey = { login: LOGIN, chat: CHAT };
export const OTHER_KEY: PortalKey = { login: OTHER_LOGIN, chat: CHAT };
export const ROOM = "!room" as RoomId;
export const OTHER_ROOM = "!other" as RoomId;
export const BRAM = "31600000001@s" as PersonId;
export const ANA = "@ana:test" as UserId;
export const GHOST = "@wa_1:test" as UserId;
export const WHATSAPP = "whatsapp" as NetworkId;

export const event = (name: string): EventId => `$${name}` as EventId;
export const remote = (name: string): MessageId => name as MessageId;
export const row = (name: string): OutboxId => name as OutboxId;
export const said = (text: string) => ({
  parts: [{ kind: "text" as const, style: "text" as const, body: plainText(text) }],
});

export const login = (over: Partial<Login> = {}): Login => ({
  id: LOGIN,
  user: ANA,
  network: WHATSAPP,
  state: "active",
  visibleId: ANA,
  account: "{}",
  consentVersion: 1,
  consentAt: START,
  ...over,
});

/** No store takes it: an id is one login's. */
export function unstorable(tx: Writes): void {
  tx.logins.add(login());
  tx.logins.add(login({ visibleId: "another" }));
}

export const portal = (over: Partial<DirectPortal> = {}): DirectPortal => ({
  ...KEY,
  kind: "direct",
  network: WHATSAPP,
  person: BRAM,
  createKey: "made-once",
  room: ROOM,
  state: "open",
  member: "joined",
  ...over,
});

export const link = (id: string, over: Partial<MessageLink> = {}): MessageLink => ({
  ...KEY,
  id: remote(id),
  part: 0,
  sender: BRAM,
  at: START,
  ...over,
});

export const contact = (over: Partial<Contact> = {}): Contact => ({
  login: LOGIN,
  person: BRAM,
  chat: CHAT,
  reachability: "reachable",
  trust: "unverified",
  blocked: false,
  ...over,
});

export const reaction = (over: Partial<Reaction> = {}): Reaction => ({
  ...KEY,
  target: remote("M1"),
  sender: BRAM,
  emoji: "👍",
  room: ROOM,
  event: undefined,
  row: undefined,
  ...over,
});

export const fromMatrix = (name: string, room = ROOM): MatrixEvent => ({
  kind: "message",
  room,
  sender: ANA,
  id: event(name),
  at: START,
  message: said(name),
});

export const fromNetwork = (id: string, sender = BRAM): RemoteEvent => ({
  kind: "message",
  chat: CHAT,
  sender,
  id: remote(id),
  at: START,
  message: said(id),
});

/** What our own person wrote on another device. */
export const fromOurselves = (id: string): RemoteEvent => ({
  kind: "message",
  chat: CHAT,
  sender: undefined,
  id: remote(id),
  at: START,
  message: said(id),
});

export const toMatrix = (id: string, over: Partial<NewMatrixOutboxRow> = {}): NewMatrixOutboxRow => ({
  id: row(id),
  room: ROOM,
  sender: GHOST,
  type: "m.room.message",
  stateKey: undefined,
  content: { msgtype: "m.text", body: id },
  link: undefined,
  target: undefined,
  attachment: undefined,
  createdAt: START,
  ...over,
});

export const toNetwork = (id: string, over: Partial<NewNetworkOutboxRow> = {}): NewNetworkOutboxRow => ({
  id: row(id),
  key: KEY,
  room: ROOM,
  event: event(id),
  sender: ANA,
  remoteId: remote(id.toUpperCase()),
  outgoing: { kind: "message", message: said(id) },
  createdAt: START,
  ...over,
});

/** Sweeps at a time that is believed: the second of two turns near each other. */
export async function swept(store: Store, at: number): Promise<void> {
  await store.write((tx) => tx.records.sweep(at));
  await store.write((tx) => tx.records.sweep(at));
}
