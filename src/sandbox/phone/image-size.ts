/** Width and height in pixels of a PNG or JPEG; empty for anything else. */
export function imageSize(bytes: Uint8Array): { readonly width?: number; readonly height?: number } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length >= 24 && view.toString("latin1", 1, 4) === "PNG") {
    return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
  }
  if (view.length < 4 || view.readUInt16BE(0) !== 0xffd8) return {};
  // JPEG: segments until a start of frame (SOF0 to SOF15 without DHT, JPG and DAC).
  for (let at = 2; at + 9 < view.length && view[at] === 0xff; at += 2 + view.readUInt16BE(at + 2)) {
    const marker = view[at + 1] ?? 0;
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) return { height: view.readUInt16BE(at + 5), width: view.readUInt16BE(at + 7) };
  }
  return {};
}
