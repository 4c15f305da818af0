/** The bytes in pieces of these sizes, again and again. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    // A piece may be overwritten after it was taken, as a socket's buffer is.
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
    yield piece;
    piece.fill(0xff);
  }
}

/** All that a stream brings, and what it returns. */
export async function collected<Result>(stream: AsyncGenerator<Uint8Array, Result>) {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { bytes: Buffer.concat(chunks), result: next.value };
    chunks.push(Uint8Array.from(next.value));
  }
}
