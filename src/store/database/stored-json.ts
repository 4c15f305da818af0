import type { MatrixEvent, Outgoing, RemoteEvent } from "../../core/model/events.ts";
import { wellFormedJson } from "../../core/model/well-formed.ts";
import type { Attachment } from "../../core/ports/rows.ts";

type Fields = Readonly<Record<string, unknown>>;
type Check = (fields: Fields) => boolean;

/** Shallow checks by kind: the bridge wrote the rows itself, so they only keep a damaged one from a handler. */
const matrixChecks: { readonly [K in MatrixEvent["kind"]]: Check } = {
  message: (it) => isMessage(it["message"]),
  edit: (it) => isMessage(it["message"]) && strings(it, "target"),
  reaction: (it) => strings(it, "target", "emoji"),
  unsupported: (it) => typeof it["what"] === "string",
  encrypted: () => true,
  redaction: (it) => typeof it["target"] === "string",
  member: (it) => typeof it["user"] === "string" && typeof it["membership"] === "string",
  "encryption-enabled": () => true,
  "room-access": (it) => typeof it["open"] === "boolean",
  tombstone: () => true,
  block: (it) => typeof it["blocked"] === "boolean",
  "room-name": (it) => strings(it, "name"),
  "room-topic": (it) => strings(it, "topic"),
  "room-avatar": (it) => strings(it, "uri"),
  "power-levels": (it) => isFields(it["levels"]) && typeof it["others"] === "number",
};

const remoteChecks: { readonly [K in RemoteEvent["kind"]]: Check } = {
  message: (it) => isMessage(it["message"]),
  undecryptable: () => true,
  edit: (it) => isMessage(it["message"]) && strings(it, "target"),
  delete: (it) => strings(it, "target"),
  reaction: (it) => strings(it, "target", "emoji"),
  read: (it) => strings(it, "target") && it["sender"] === undefined,
  muted: (it) => typeof it["muted"] === "boolean" && it["sender"] === undefined,
  "chat-deleted": (it) => it["sender"] === undefined,
  "marked-unread": (it) => typeof it["unread"] === "boolean" && it["sender"] === undefined,
  hidden: (it) => strings(it, "target") && it["sender"] === undefined,
  blocked: (it) => strings(it, "person") && typeof it["blocked"] === "boolean" && it["sender"] === undefined,
  "request-answered": (it) => typeof it["accepted"] === "boolean" && it["sender"] === undefined,
  timer: (it) => typeof it["seconds"] === "number",
  joined: (it) => isFields(it["was"]) && strings(it["was"], "chat", "person"),
  excluded: (it) => strings(it, "what"),
  call: () => true,
  unsupported: (it) => typeof it["what"] === "string",
  "group-name": (it) => strings(it, "name"),
  "group-topic": (it) => strings(it, "topic"),
  "group-avatar": (it) => strings(it, "avatar"),
  "group-members": (it) => isList(it["changes"], (change) => strings(change, "membership")),
  "group-roles": (it) => isList(it["changes"], (change) => strings(change, "role")),
  "group-invited": (it) => strings(it, "sender"),
  "group-permissions": (it) => strings(it, "writes", "changes"),
  "identity-changed": () => true,
  renamed: (it) => typeof it["name"] === "string",
  avatar: (it) => typeof it["avatar"] === "string",
  reachability: (it) => typeof it["state"] === "string",
};

const outgoingChecks: { readonly [K in Outgoing["kind"]]: Check } = {
  message: (it) => isMessage(it["message"]),
  edit: (it) => isMessage(it["message"]) && strings(it, "target"),
  delete: (it) => strings(it, "target"),
  reaction: (it) => strings(it, "target", "emoji"),
  "group-change": (it) => isFields(it["change"]) && strings(it["change"], "kind"),
};

interface RowTime {
  /** The time for an event without a usable one. */
  readonly taken_at: number;
}

/** The event of a row; undefined where it is damaged, or of another id or room than the row. */
export function toMatrixEvent(
  body: string | null,
  row: RowTime & { readonly event: string; readonly room: string },
): MatrixEvent | undefined {
  const it = toFields(body);
  const good =
    it !== undefined &&
    it["room"] === row.room &&
    it["id"] === row.event &&
    strings(it, "sender") &&
    isOfKnownKind(matrixChecks, it);
  return good ? (timed(it, row) as unknown as MatrixEvent) : undefined;
}

/** The event of a row; undefined where it is damaged, or of another chat than the row. */
export function toRemoteEvent(
  body: string | null,
  row: RowTime & { readonly chat: string; readonly sender: string },
): RemoteEvent | undefined {
  // A network may delete without naming the chat; the row's chat was looked up when it was stored.
  const it = withChat(toFields(body), row.chat);
  const good =
    it !== undefined &&
    it["chat"] === row.chat &&
    // Our own person has no id there.
    (it["sender"] ?? "") === row.sender &&
    strings(it, "id") &&
    isOfKnownKind(remoteChecks, it);
  return good ? (timed(it, row) as unknown as RemoteEvent) : undefined;
}

export function toOutgoing(body: string | null): Outgoing | undefined {
  const it = toFields(body);
  return it !== undefined && isOfKnownKind(outgoingChecks, it) ? (it as unknown as Outgoing) : undefined;
}

export function toAttachment(body: string): Attachment | undefined {
  const it = toFields(body);
  const media = it?.["media"];
  const good = it !== undefined && strings(it, "login") && isFields(media) && isMedia(media);
  return good ? (it as unknown as Attachment) : undefined;
}

/** The JSON object of a text; undefined for anything else. */
export function toFields(body: string | null): Fields | undefined {
  if (body === null) return undefined;
  try {
    const value: unknown = JSON.parse(wellFormedJson(body));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const withChat = (it: Fields | undefined, chat: string): Fields | undefined =>
  it && it["chat"] === undefined && it["kind"] === "delete" ? { ...it, chat } : it;

/** The event with the row's time where its own is no whole number, as an earlier version stored it. */
const timed = (it: Fields, { taken_at: at }: RowTime): Fields =>
  Number.isSafeInteger(it["at"]) ? it : { ...it, at };

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const strings = (it: Fields, ...names: readonly string[]): boolean =>
  names.every((name) => typeof it[name] === "string");

const isList = (value: unknown, check: Check): boolean =>
  Array.isArray(value) && value.every((one: unknown) => isFields(one) && check(one));

function isOfKnownKind(kinds: Readonly<Record<string, Check>>, it: Fields): boolean {
  const kind = it["kind"];
  return typeof kind === "string" && Object.hasOwn(kinds, kind) && kinds[kind]?.(it) === true;
}

function isMessage(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { parts, replyTo } = value;
  const answers = replyTo === undefined || (isFields(replyTo) && strings(replyTo, "id"));
  return answers && Array.isArray(parts) && parts.every(isPart);
}

function isPart(part: unknown): boolean {
  if (!isFields(part) || !strings(part, "kind")) return false;
  return part["kind"] !== "media" || (isFields(part["media"]) && isMedia(part["media"]));
}

const isMedia = (it: Fields): boolean => strings(it, "kind", "mimetype") && isFields(it["source"]);
