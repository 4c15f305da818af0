/** An account as `<uuid>`, or a phone number as `PNI:<uuid>`, in lower case. */
export type ServiceId = string;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PNI = "PNI:";
const UUID_BYTES = 16;
/** First byte of a phone number's 17; an account may have one of its own, 0. */
const PNI_BYTE = 1;

/** A UUID's text; undefined for what is not 16 bytes. */
export function uuidFrom(bytes: Uint8Array): string | undefined {
  if (bytes.length !== UUID_BYTES) return undefined;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Throws RangeError for what is no UUID. */
export function uuidBytes(uuid: string): Uint8Array<ArrayBuffer> {
  if (!UUID.test(uuid)) throw new RangeError("not a UUID");
  return Uint8Array.from(Buffer.from(uuid.replaceAll("-", ""), "hex"));
}

/** What either field says, the binary one first; undefined where neither is a service id. */
export function readServiceId(
  text: string | undefined,
  binary: Uint8Array | undefined,
): ServiceId | undefined {
  return (binary && fromBytes(binary)) ?? (text === undefined ? undefined : fromText(text));
}

/** Of an account; a phone number is none. */
export function readAci(text: string | undefined, binary: Uint8Array | undefined): ServiceId | undefined {
  const id = readServiceId(text, binary);
  return id?.startsWith(PNI) === true ? undefined : id;
}

/** The uuid of a phone number, which has no mark where a field is only for such: as text, or 16 bytes. */
export function readPni(text: string | undefined, binary: Uint8Array | undefined): ServiceId | undefined {
  const uuid = (binary && uuidFrom(binary)) ?? text?.replace(/^PNI:/i, "").toLowerCase();
  return uuid !== undefined && UUID.test(uuid) ? `${PNI}${uuid}` : undefined;
}

/** 16 bytes of an account, 17 of a phone number. Throws RangeError for what is no service id. */
export function serviceIdBytes(id: ServiceId): Uint8Array<ArrayBuffer> {
  if (!id.startsWith(PNI)) return uuidBytes(id);
  return Uint8Array.of(PNI_BYTE, ...uuidBytes(id.slice(PNI.length)));
}

function fromBytes(bytes: Uint8Array): ServiceId | undefined {
  if (bytes.length === UUID_BYTES) return uuidFrom(bytes);
  const uuid = uuidFrom(bytes.subarray(1));
  if (uuid === undefined || (bytes[0] !== 0 && bytes[0] !== PNI_BYTE)) return undefined;
  return bytes[0] === PNI_BYTE ? `${PNI}${uuid}` : uuid;
}

function fromText(text: string): ServiceId | undefined {
  const isPni = text.startsWith(PNI);
  const uuid = (isPni ? text.slice(PNI.length) : text).toLowerCase();
  if (!UUID.test(uuid)) return undefined;
  return isPni ? `${PNI}${uuid}` : uuid;
}
