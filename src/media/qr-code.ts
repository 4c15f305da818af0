import { create, toBuffer } from "qrcode";
import type { QrCode } from "../core/model/media.ts";

/** Pixels a module, and the width of the white margin in modules. */
const SCALE = 8;
const MARGIN = 4;

/** A QR code of these bytes (byte mode). */
export async function qrCode(data: Uint8Array): Promise<QrCode> {
  const segments = [{ data: new Uint8ClampedArray(data), mode: "byte" }] as const;
  const options = { errorCorrectionLevel: "L" } as const;
  const png = await toBuffer([...segments], { ...options, type: "png", margin: MARGIN, scale: SCALE });
  const side = (create([...segments], options).modules.size + 2 * MARGIN) * SCALE;
  return { png, width: side, height: side };
}
