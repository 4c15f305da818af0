const ORIENTATION = 0x0112;
const UPRIGHT = 1;

/** A picture's orientation (Exif 2.32, 4.6.4), 1 to 8; 1 where the TIFF entries do not state it. */
export function orientationIn(tiff: Buffer): number {
  if (tiff.length < 14) return UPRIGHT;
  const order = tiff.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return UPRIGHT;
  const u16 = (at: number): number => (order === "II" ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = order === "II" ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return UPRIGHT;
  const count = u16(first);
  for (let entry = 0; entry < count; entry += 1) {
    const at = first + 2 + entry * 12;
    if (at + 12 > tiff.length) return UPRIGHT;
    if (u16(at) !== ORIENTATION) continue;
    const value = u16(at + 8);
    return value >= 1 && value <= 8 ? value : UPRIGHT;
  }
  return UPRIGHT;
}

/** TIFF data with only the orientation; undefined for an upright picture. */
export function orientationTag(orientation: number): Buffer | undefined {
  if (orientation === UPRIGHT) return undefined;
  const tiff = Buffer.alloc(26);
  tiff.write("MM\0*", 0, "latin1");
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(ORIENTATION, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}
