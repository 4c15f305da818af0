import { toBuffer } from "qrcode";

/** A QR code of these very bytes, as PNG. */
export function qrCode(data: Uint8Array): Promise<Uint8Array> {
  return toBuffer([{ data: new Uint8ClampedArray(data), mode: "byte" }], {
    type: "png",
    errorCorrectionLevel: "L",
    margin: 4,
    scale: 8,
  });
}
