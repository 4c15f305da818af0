import { malformed, WireError } from "../errors.ts";

/** What a client sends once before its first frame, and the prologue of the Noise handshake: magic 6, version 3. */
export const INTRO: Uint8Array<ArrayBuffer> = Uint8Array.from([0x57, 0x41, 6, 3]);

/** The longest payload of a frame, in bytes. The 3-byte length could say more; the profile closes the connection. */
export const MAX_FRAME = 1024 * 1024;

const head = 3;
const tooLong = (length: number): WireError =>
  new WireError("too-long", `a frame of ${length} bytes exceeds ${MAX_FRAME}`);

/** Length in 3 bytes, big-endian, then the payload. Throws `too-long`. */
export function encodeFrame(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  if (payload.length > MAX_FRAME) throw tooLong(payload.length);
  const frame = new Uint8Array(head + payload.length);
  frame[0] = payload.length >>> 16;
  frame[1] = payload.length >>> 8;
  frame[2] = payload.length;
  frame.set(payload, head);
  return frame;
}

/**
 * Cuts a byte stream into payloads, wherever its chunks break. Holds at most one unfinished frame. A payload that came
 * within one chunk is a view of it. After an error the stream is of no use and throws the same again.
 */
export class FrameDecoder {
  #introLeft: number;
  #headSeen = 0;
  #length = 0;
  #body: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #failure: WireError | undefined;

  constructor({ expectIntro }: { readonly expectIntro: boolean }) {
    this.#introLeft = expectIntro ? INTRO.length : 0;
  }

  /** The payloads that this chunk completes, in order. Throws `too-long`, or `malformed` for a wrong intro. */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer>[] {
    if (this.#failure !== undefined) throw this.#failure;
    const frames: Uint8Array<ArrayBuffer>[] = [];
    let at = this.#skipIntro(chunk);
    while (at < chunk.length) {
      if (this.#body !== undefined) {
        at += this.#fill(this.#body, chunk.subarray(at), frames);
        continue;
      }
      at = this.#readHead(chunk, at);
      if (this.#headSeen < head) break;
      const end = at + this.#length;
      if (end > chunk.length) {
        this.#body = new Uint8Array(this.#length);
        continue;
      }
      frames.push(chunk.subarray(at, end) as Uint8Array<ArrayBuffer>);
      this.#reset();
      at = end;
    }
    return frames;
  }

  #skipIntro(chunk: Uint8Array): number {
    let at = 0;
    for (; this.#introLeft > 0 && at < chunk.length; at += 1, this.#introLeft -= 1) {
      if (chunk[at] !== INTRO[INTRO.length - this.#introLeft]) {
        throw this.#fail(malformed("the stream does not start with the intro"));
      }
    }
    return at;
  }

  #readHead(chunk: Uint8Array, from: number): number {
    let at = from;
    for (; this.#headSeen < head && at < chunk.length; at += 1, this.#headSeen += 1) {
      this.#length = this.#length * 256 + (chunk[at] ?? 0);
    }
    if (this.#length > MAX_FRAME) throw this.#fail(tooLong(this.#length));
    return at;
  }

  #fill(body: Uint8Array<ArrayBuffer>, rest: Uint8Array, frames: Uint8Array<ArrayBuffer>[]): number {
    const taken = Math.min(rest.length, body.length - this.#filled);
    body.set(taken === rest.length ? rest : rest.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === body.length) {
      frames.push(body);
      this.#reset();
    }
    return taken;
  }

  #reset(): void {
    this.#headSeen = 0;
    this.#length = 0;
    this.#body = undefined;
    this.#filled = 0;
  }

  #fail(error: WireError): WireError {
    this.#failure = error;
    this.#body = undefined;
    return error;
  }
}
