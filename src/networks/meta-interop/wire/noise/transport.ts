import { WireError } from "../errors.ts";
import type { CipherState } from "./cipher-state.ts";

/** Stanzas in, frame payloads out, and back, once the handshake is done. In order: a frame is good once and in its turn. */
export interface Transport {
  /** Throws `noise` when the key is used up. */
  seal(stanza: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Throws `noise`; after that the connection is of no use and every frame is refused. */
  open(frame: Uint8Array): Uint8Array<ArrayBuffer>;
}

export function transportOver(ciphers: {
  readonly send: CipherState;
  readonly receive: CipherState;
}): Transport {
  let broken = false;
  return {
    seal: (stanza) => ciphers.send.encrypt(stanza),
    open: (frame) => {
      if (broken) throw new WireError("noise", "a frame before this one did not authenticate");
      broken = true;
      const stanza = ciphers.receive.decrypt(frame);
      broken = false;
      return stanza;
    },
  };
}
