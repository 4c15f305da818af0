/** The first byte of every value of the compact binary form. Smaller values, and 236 to 239, are dictionary tokens. */
export const marker = {
  emptyList: 0,
  interopJid: 245,
  fbJid: 246,
  list8: 248,
  list16: 249,
  jidPair: 250,
  hex8: 251,
  binary8: 252,
  binary20: 253,
  binary32: 254,
  nibble8: 255,
} as const;

/** Bit of the flag byte: the rest of the stanza is deflated (RFC 1950). */
export const deflated = 2;

export const limits = {
  /** Of a stanza before deflating, in bytes: what fits a frame. */
  stanza: 1024 * 1024,
  /** Nodes inside nodes. The deepest stanza of the profile has six. */
  depth: 32,
  /** Nodes in one stanza. A full upload of prekeys has about 7,000. */
  nodes: 32_768,
  /** Characters of a packed string: its length is half of that in 7 bits. */
  packed: 254,
} as const;

/** What a 4-bit digit stands for; 15 fills up an odd end. */
export const nibbleAlphabet = "0123456789-.";
export const hexAlphabet = "0123456789ABCDEF";
