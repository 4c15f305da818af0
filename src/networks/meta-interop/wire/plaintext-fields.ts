import { usableId } from "./attributes.ts";
import { WireError } from "./errors.ts";
import type { Answerable, ContentPlaintext, MediaFile, MessageRef, Plaintext } from "./plaintext-kinds.ts";

/** The types of WhatsApp's ProtocolMessage that this profile knows. */
export const protocolType = { revoke: 0, ephemeralSetting: 3, messageEdit: 14 } as const;

type Empty = "" | 0 | 0n | undefined;

const isEmpty = (value: unknown): value is Empty =>
  value === undefined ||
  value === "" ||
  value === 0 ||
  value === 0n ||
  (value instanceof Uint8Array && value.length === 0);

/** An object with the key, or without it when the protobuf field is unset or empty. */
export function optional<K extends string, T>(
  key: K,
  value: T,
): { readonly [P in K]?: Exclude<T, undefined> } {
  return (isEmpty(value) ? {} : { [key]: value }) as { readonly [P in K]?: Exclude<T, undefined> };
}

export const refuse = (what: string): WireError => new WireError("protobuf", what);

interface KeyFields {
  readonly id: string;
  readonly fromMe: boolean;
  readonly remoteJid: string;
  readonly participant: string;
}

/** Throws `protobuf` when no message is named. */
export function refFrom(key: KeyFields | undefined): MessageRef {
  const id = usableId(key?.id);
  if (key === undefined || id === undefined) throw refuse("a message names no target");
  return {
    id,
    fromMe: key.fromMe,
    ...optional("chat", key.remoteJid),
    ...optional("participant", key.participant),
  };
}

export const keyFrom = ({ id, fromMe, chat, participant }: MessageRef) => ({
  id,
  fromMe,
  ...optional("remoteJid", chat),
  ...optional("participant", participant),
});

/** A protobuf's 64-bit integer as a number; 0 when it is out of a number's range. */
export const numberFrom = (value: bigint): number =>
  value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER) ? 0 : Number(value);

/**
 * A file's length that is too large for a number counts as the largest one: the file is then refused for its size,
 * while the rest of the message is shown.
 */
const lengthFrom = (value: bigint): number =>
  value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);

interface FileFields {
  readonly url: string;
  readonly directPath: string;
  readonly mimetype: string;
  readonly fileLength: bigint;
  readonly fileSha256: Uint8Array;
  readonly mediaKey: Uint8Array;
  readonly fileEncSha256: Uint8Array;
  readonly mediaKeyTimestamp: bigint;
}

/** Throws `protobuf` for a file that could not be fetched and verified: no address, a key or hash of another length. */
export function fileFrom(fields: FileFields): MediaFile {
  const { mimetype, fileSha256, mediaKey, fileEncSha256 } = fields;
  if (fields.url === "" && fields.directPath === "") throw refuse("a file without an address");
  if ([fileSha256, mediaKey, fileEncSha256].some(({ length }) => length !== 32)) {
    throw refuse("a file whose key or hash is not 32 bytes");
  }
  return {
    mimetype,
    fileLength: lengthFrom(fields.fileLength),
    fileSha256,
    mediaKey,
    fileEncSha256,
    ...optional("url", fields.url),
    ...optional("directPath", fields.directPath),
    ...optional("mediaKeyTimestamp", numberFrom(fields.mediaKeyTimestamp)),
  };
}

/** The most contacts, options or mentions of one message. */
export const mostItems = 256;

/** Checks the number of contacts or options of one message. Throws `protobuf` when they are too many. */
export function few<T>(items: readonly T[]): readonly T[] {
  if (items.length > mostItems) throw refuse(`a list of more than ${mostItems} items`);
  return items;
}

interface Described {
  readonly live: boolean;
  readonly name?: string;
  readonly address?: string;
}

/** A location. Where its coordinates are not on the globe, its words as a text. Throws `protobuf` where it has none. */
export function placeFrom<Answer extends Answerable>(
  place: { readonly degreesLatitude: number; readonly degreesLongitude: number } | undefined,
  described: Described,
  answer: Answer,
): ContentPlaintext {
  const { degreesLatitude: latitude = Number.NaN, degreesLongitude: longitude = Number.NaN } = place ?? {};
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
    return { kind: "location", latitude, longitude, ...described, ...answer };
  }
  const text = [described.name, described.address].filter((words) => words !== undefined).join(", ");
  if (text === "") throw refuse("a place that is not on the globe");
  return { kind: "text", text, ...answer };
}

/** The quoted message. Where it cannot be read, the message is shown without it. */
export function readable<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const contentKinds: ReadonlySet<string> = new Set<ContentPlaintext["kind"]>([
  "text",
  "image",
  "video",
  "audio",
  "document",
  "sticker",
  "location",
  "contact",
  "poll",
]);

export const isContent = (plaintext: Plaintext): plaintext is ContentPlaintext =>
  contentKinds.has(plaintext.kind);

/** A quote encloses the message, but not what that message quoted in turn. */
export function withoutQuote(content: ContentPlaintext): ContentPlaintext {
  if (content.quoted === undefined) return content;
  const { quoted: _, ...rest } = content;
  return rest;
}
