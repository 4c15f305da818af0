import type { MediaFile } from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import { attachmentRef } from "./media-ref.ts";

/** Bytes of the longest text that Signal's apps send. */
const LONGEST = 64 * 1024;
/** Milliseconds for which a message waits for its text. */
const WAIT = 3_000;
/** Milliseconds in which none is tried after one that took too long. */
const PAUSE = 60_000;

interface LongTextsParts {
  open(ref: string): Promise<MediaFile>;
  readonly clock: Clock;
}

/**
 * Fetches texts that are too long for a message, before the message is shown. All that comes to a login waits meanwhile,
 * so that what is slow is not waited for, and after it for a while nothing: such a text is shown by its beginning.
 */
export class LongTexts {
  readonly #parts: LongTextsParts;
  /** When one took too long: milliseconds since the epoch. */
  #slowAt: number | undefined;

  constructor(parts: LongTextsParts) {
    this.#parts = parts;
  }

  /** Undefined where it cannot be had at once. */
  async read(pointer: AttachmentPointer): Promise<string | undefined> {
    const ref = attachmentRef(pointer);
    if (this.#isPausing() || ref === undefined || pointer.size > LONGEST) return undefined;
    const slow = Promise.withResolvers<undefined>();
    const { clock } = this.#parts;
    const cancel = clock.after(WAIT, () => {
      this.#slowAt = clock.now();
      slow.resolve(undefined);
    });
    try {
      return await Promise.race([this.#text(ref), slow.promise]);
    } finally {
      cancel();
    }
  }

  async #text(ref: string): Promise<string | undefined> {
    try {
      await using file = await this.#parts.open(ref);
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read()) chunks.push(chunk);
      return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      return undefined;
    }
  }

  #isPausing(): boolean {
    return this.#slowAt !== undefined && Math.abs(this.#parts.clock.now() - this.#slowAt) < PAUSE;
  }
}
