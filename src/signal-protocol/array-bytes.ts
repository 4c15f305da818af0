/** libsignal's types want arrays over an ArrayBuffer. Ours are never over shared memory, so the cast holds. */
export function arrayBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
