/** A key of IndexedDB (Indexed Database API 3.0, "Keys"), as far as the crypto library has them. */
export type Key = number | string | Uint8Array | readonly Key[];

const END = 0;
const NUMBER = 0x10;
const STRING = 0x30;
const BINARY = 0x40;
const ARRAY = 0x50;

/** Units below take one byte, those from here to below `LONG` two, and the others three. */
const MIDDLE = 0x7f;
const LONG = MIDDLE + 0x40_00;

/**
 * The key as bytes that are ordered as IndexedDB orders keys: numbers before strings, strings before binary keys, and
 * arrays last. Throws a `DataError` DOMException for what is no key.
 */
export function encodeKey(key: unknown): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  writeKey(bytes, key, 0);
  return Uint8Array.from(bytes);
}

/** Throws where the bytes are not of `encodeKey`. */
export function decodeKey(bytes: Uint8Array): Key {
  const reader = new KeyReader(bytes);
  const key = reader.key();
  if (!reader.isAtEnd) throw new TypeError("a key is followed by something else");
  return key;
}

const MOST_DEPTH = 100;

function writeKey(bytes: number[], key: unknown, depth: number): void {
  if (typeof key === "number" && !Number.isNaN(key)) {
    bytes.push(NUMBER);
    const view = new DataView(new ArrayBuffer(8));
    // Zero has one key.
    view.setFloat64(0, key === 0 ? 0 : key);
    const bits = view.getBigUint64(0);
    const isNegative = bits >> 63n === 1n;
    view.setBigUint64(0, isNegative ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n));
    bytes.push(...new Uint8Array(view.buffer));
  } else if (typeof key === "string") {
    bytes.push(STRING);
    for (let at = 0; at < key.length; at += 1) writeUnit(bytes, key.charCodeAt(at));
    bytes.push(END);
  } else if (key instanceof Uint8Array) {
    bytes.push(BINARY);
    for (const byte of key) writeUnit(bytes, byte);
    bytes.push(END);
  } else if (Array.isArray(key) && depth < MOST_DEPTH) {
    bytes.push(ARRAY);
    for (const one of key) writeKey(bytes, one, depth + 1);
    bytes.push(END);
  } else throw new DOMException("This is no valid key.", "DataError");
}

/** No unit begins with the byte that ends a text, and greater ones have greater bytes. */
function writeUnit(bytes: number[], unit: number): void {
  if (unit < MIDDLE) bytes.push(unit + 1);
  else if (unit < LONG) {
    const rest = unit - MIDDLE;
    bytes.push(0x80 | (rest >> 8), rest & 0xff);
  } else {
    const rest = unit - LONG;
    bytes.push(0xc0 | (rest >> 16), (rest >> 8) & 0xff, rest & 0xff);
  }
}

class KeyReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  key(): Key {
    switch (this.#next()) {
      case NUMBER:
        return this.#number();
      case STRING:
        return this.#units()
          .map((unit) => String.fromCharCode(unit))
          .join("");
      case BINARY:
        return Uint8Array.from(this.#units());
      case ARRAY: {
        const keys: Key[] = [];
        while (this.#bytes[this.#at] !== END) keys.push(this.key());
        this.#at += 1;
        return keys;
      }
      default:
        throw new TypeError("a key is of no known kind");
    }
  }

  #number(): number {
    const view = new DataView(new ArrayBuffer(8));
    for (let byte = 0; byte < 8; byte += 1) view.setUint8(byte, this.#next());
    const bits = view.getBigUint64(0);
    const isPositive = bits >> 63n === 1n;
    view.setBigUint64(0, isPositive ? bits & ~(1n << 63n) : ~bits & 0xffff_ffff_ffff_ffffn);
    return view.getFloat64(0);
  }

  #units(): number[] {
    const units: number[] = [];
    for (let byte = this.#next(); byte !== END; byte = this.#next()) {
      if (byte < 0x80) units.push(byte - 1);
      else if (byte < 0xc0) units.push((((byte & 0x3f) << 8) | this.#next()) + MIDDLE);
      else units.push((((byte & 0x3f) << 16) | (this.#next() << 8) | this.#next()) + LONG);
    }
    return units;
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new TypeError("a key is cut off");
    this.#at += 1;
    return byte;
  }
}
