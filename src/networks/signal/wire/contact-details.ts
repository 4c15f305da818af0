import { malformed, WireError } from "./errors.ts";
import { optional } from "./fields.ts";
import { ContactDetailsSchema } from "./gen/sync-message_pb.js";
import { decodeProtobuf } from "./protobuf.ts";
import { readAci, type ServiceId } from "./service-id.ts";

/** Somebody of the phone's address book. */
export interface ContactDetails {
  readonly account?: ServiceId;
  /** E.164. */
  readonly number?: string;
  readonly name?: string;
  /** Of the chat with them; `version` counts its changes, 0 where unknown. */
  readonly timer: { readonly seconds: number; readonly version: number };
}

/** The most bytes of one contact without a picture. */
const LONGEST = 64 * 1024;
/** Bytes of the longest varint of 32 bits. */
const VARINT = 5;
const NONE = new Uint8Array(0);

/**
 * Reads the file of a sync of contacts as it comes: one after another, each behind its length, and a picture behind
 * whoever has one, which is passed over. Holds no more than a contact and a chunk. Throws `malformed` and `too-long`.
 */
export async function* readContactDetails(file: AsyncIterable<Uint8Array>): AsyncGenerator<ContactDetails> {
  let held: Uint8Array = NONE;
  let toSkip = 0;
  for await (const chunk of file) {
    if (toSkip >= chunk.length) {
      toSkip -= chunk.length;
      continue;
    }
    held = Buffer.concat([held, chunk.subarray(toSkip)]);
    toSkip = 0;
    for (let next = takeNext(held); next !== undefined; next = takeNext(held)) {
      yield next.contact;
      toSkip = Math.max(0, next.end - held.length);
      held = held.subarray(next.end);
    }
  }
  if (held.length > 0 || toSkip > 0) throw malformed("a file of contacts ends in the middle of one");
}

/** The first contact, and where it and its picture end; undefined where not all of it is there. */
function takeNext(held: Uint8Array): { readonly contact: ContactDetails; readonly end: number } | undefined {
  const head = lengthAt(held);
  if (head === undefined) return undefined;
  const end = head.size + head.length;
  if (head.length > LONGEST) throw new WireError("too-long", `${head.length} bytes of a contact`);
  if (held.length < end) return undefined;
  const details = decodeProtobuf(ContactDetailsSchema, held.subarray(head.size, end));
  const contact = {
    ...optional("account", readAci(details.aci, details.aciBinary)),
    ...optional("number", details.number),
    ...optional("name", details.name),
    timer: { seconds: details.expireTimer, version: details.expireTimerVersion },
  };
  return { contact, end: end + (details.avatar?.length ?? 0) };
}

/** A varint of at most 32 bits, and how many bytes it has; undefined where its end is not there yet. */
function lengthAt(held: Uint8Array): { readonly length: number; readonly size: number } | undefined {
  let length = 0;
  for (let at = 0; at < VARINT; at += 1) {
    const byte = held[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, size: at + 1 };
  }
  throw malformed("a contact's length");
}
