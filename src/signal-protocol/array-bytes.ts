/** libsignal's types ask for arrays over an ArrayBuffer; ours never lie over shared memory. */
export function arrayBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
