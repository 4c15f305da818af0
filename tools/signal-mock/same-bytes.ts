/** Whether both are there, and the same. */
export const isSame = (one: Uint8Array | null | undefined, other: Uint8Array | null | undefined): boolean =>
  one != null && other != null && Buffer.compare(one, other) === 0;
