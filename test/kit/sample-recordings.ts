/** Recordings and videos put together byte by byte, so that no program is needed to have them. */

type Bytes = Uint8Array<ArrayBuffer>;

const joined = (...parts: readonly Uint8Array[]): Bytes => Uint8Array.from(Buffer.concat(parts));
const text = (words: string): Buffer => Buffer.from(words, "latin1");

export function u32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => buffer.writeUInt32BE(value, index * 4));
  return buffer;
}

/** A box of an ISO base media file. */
export const box = (type: string, ...body: readonly Uint8Array[]): Buffer => {
  const inner = Buffer.concat(body);
  return Buffer.concat([u32(inner.length + 8), text(type), inner]);
};

const SCALE = 1_000;
const UPRIGHT = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);
/** A quarter turn, as phones held upright write it. */
const TURNED = u32(0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000);

interface Movie {
  readonly seconds: number;
  readonly picture?: { readonly width: number; readonly height: number; readonly turned?: boolean };
  /** Boxes beside the tracks, in `moov`; and after everything. */
  readonly inside?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  /** Seconds since 1904. */
  readonly made?: number;
}

/** An MP4, MOV or M4A whose headers are right and whose frames are nothing. */
export function movieFile(
  brand: string,
  { seconds, picture, inside = [], after = [], made = 0 }: Movie,
): Bytes {
  const duration = Math.round(seconds * SCALE);
  const measures = u32((picture?.width ?? 0) * 65_536, (picture?.height ?? 0) * 65_536);
  const rest = Buffer.alloc(16);
  const header = box(
    "tkhd",
    u32(7, made, made, 1, 0, duration),
    rest,
    picture?.turned === true ? TURNED : UPRIGHT,
    measures,
  );
  const media = box(
    "mdia",
    box("mdhd", u32(0, made, made, SCALE, duration, 0)),
    box("hdlr", u32(0, 0), text(picture ? "vide" : "soun"), Buffer.alloc(13)),
  );
  const movie = box(
    "moov",
    box("mvhd", u32(0, made, made, SCALE, duration, 0x1_0000), Buffer.alloc(76)),
    box("trak", header, media),
    ...inside,
  );
  const start = box("ftyp", text(brand), u32(512), text(`${brand}isom`));
  return joined(start, movie, box("mdat", Buffer.alloc(64, 7)), ...after);
}

/** Opus in Ogg: headers, and a page that ends at that second. */
export function oggOpus(seconds: number): Bytes {
  const page = (flags: number, position: number, number: number, body: Uint8Array): Buffer => {
    const header = Buffer.alloc(28);
    header.write("OggS", 0, "latin1");
    header[5] = flags;
    header.writeBigUInt64LE(BigInt(position), 6);
    header.writeUInt32LE(77, 14);
    header.writeUInt32LE(number, 18);
    header[26] = 1;
    header[27] = body.length;
    return Buffer.concat([header, body]);
  };
  const head = Buffer.concat([text("OpusHead"), Buffer.from([1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0])]);
  const tags = Buffer.concat([text("OpusTags"), Buffer.from([1, 0, 0, 0, 0x78, 0, 0, 0, 0])]);
  const sound = Buffer.alloc(60, 3);
  return joined(page(2, 0, 0, head), page(0, 0, 1, tags), page(4, seconds * 48_000, 2, sound));
}

/** MP3 frames of 128 kbit/s at 44.1 kHz without a header that counts them. */
export function mp3(seconds: number): Bytes {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x64]);
  return joined(...Array.from({ length: Math.round((seconds * 44_100) / 1152) }, () => frame));
}

interface Webm {
  /** Written as a tag. */
  readonly tag?: string;
  /** Left out as browsers leave it out of what they record. */
  readonly told?: number;
  /** Seconds at which a block of sound or picture begins. */
  readonly blocks: readonly number[];
  readonly picture?: { readonly width: number; readonly height: number };
}

export function webm({ told, blocks, picture, tag }: Webm): Bytes {
  const element = (id: number, ...body: readonly Uint8Array[]): Buffer => {
    const inner = Buffer.concat(body);
    const code = Buffer.from(id.toString(16).padStart(2, "0"), "hex");
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(inner.length) | (1n << 56n));
    return Buffer.concat([code, size, inner]);
  };
  const double = (value: number): Buffer => {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleBE(value);
    return buffer;
  };
  const info = element(
    0x1549a966,
    element(0x2ad7b1, u32(1_000_000)),
    ...(told === undefined ? [] : [element(0x4489, double(told * 1000))]),
  );
  const kind = picture
    ? [
        element(0x83, Buffer.from([1])),
        element(0x86, text("V_VP8")),
        element(0xe0, element(0xb0, u32(picture.width)), element(0xba, u32(picture.height))),
      ]
    : [
        element(0x83, Buffer.from([2])),
        element(0x86, text("A_OPUS")),
        element(0xe1, element(0x9f, Buffer.from([1]))),
      ];
  const tracks = element(0x1654ae6b, element(0xae, element(0xd7, Buffer.from([1])), ...kind));
  const clusters = blocks.map((second) =>
    element(
      0x1f43b675,
      element(0xe7, u32(second * 1000)),
      element(0xa3, Buffer.from([0x81, 0, 0, 0x80, 1, 2])),
    ),
  );
  const tags =
    tag === undefined
      ? []
      : [
          element(
            0x1254c367,
            element(0x7373, element(0x67c8, element(0x45a3, text("PLACE")), element(0x4487, text(tag)))),
          ),
        ];
  const head = element(0x1a45dfa3, element(0x4282, text("webm")));
  return joined(head, element(0x18538067, info, tracks, ...tags, ...clusters));
}
