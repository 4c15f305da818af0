import type { BridgeError } from "../../../core/model/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { TransferWatch } from "../../../core/runtime/transfer-watch.ts";
import { brokenOff, hostUnreachable } from "../../download.ts";
import type { Cdn } from "./cdn.ts";
import { askHost, type Broken, type UploadReply, uploadRefused } from "./upload-request.ts";

/** Milliseconds before each time that a broken upload is taken up again. */
const PAUSES = [500, 2_000, 5_000];

export interface UploadTarget {
  /** The name that the file gets. */
  readonly key: string;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
}

/** What is uploaded; the same bytes each time. */
export interface UploadSource {
  readonly length: number;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

interface Resuming {
  readonly cdn: Cdn;
  readonly clock: Pick<Clock, "after">;
  readonly watch: TransferWatch;
}

/**
 * Uploads by tus 1.0.0 (tus.io) with its extension Creation With Upload: all in one POST; where the connection breaks, it
 * asks how much the host has, and sends the rest. Throws BridgeError, also where the host knows nothing of the file.
 */
export async function uploadResumably(
  { key, url, headers }: UploadTarget,
  source: UploadSource,
  resuming: Resuming,
): Promise<void> {
  const given = { ...Object.fromEntries(headers), "tus-resumable": "1.0.0" };
  const sending = new Sending(given, source, resuming);
  let reply = await sending.send("POST", url.href, 0, {
    "upload-length": `${source.length}`,
    "upload-metadata": `filename ${Buffer.from(key).toString("base64")}`,
  });
  const begun = new URL(url);
  begun.pathname = `${url.pathname.replace(/\/+$/, "")}/${encodeURIComponent(key)}`;
  for (const pause of PAUSES) {
    if (reply.status !== undefined) break;
    await rest(pause, resuming);
    const offset = await sending.offset(begun.href);
    if (offset === source.length) return;
    if (offset !== undefined)
      reply = await sending.send("PATCH", begun.href, offset, { "upload-offset": `${offset}` });
  }
  if (reply.status === undefined) throw sending.broken(reply);
  if (reply.status >= 300) throw uploadRefused(reply);
}

class Sending {
  readonly #given: Readonly<Record<string, string>>;
  readonly #source: UploadSource;
  readonly #resuming: Resuming;
  #begun = false;

  constructor(given: Readonly<Record<string, string>>, source: UploadSource, resuming: Resuming) {
    this.#given = given;
    this.#source = source;
    this.#resuming = resuming;
  }

  send(
    method: "POST" | "PATCH",
    url: string,
    offset: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<UploadReply | Broken> {
    const body = { bytes: this.#from(offset), length: this.#source.length - offset };
    const type = { "content-type": "application/offset+octet-stream" };
    const { cdn, watch } = this.#resuming;
    return askHost(cdn, { method, url, headers: { ...this.#given, ...type, ...headers }, body }, watch);
  }

  /** How many bytes the host has; undefined where the connection broke. */
  async offset(url: string): Promise<number | undefined> {
    const { cdn, watch } = this.#resuming;
    const reply = await askHost(cdn, { method: "HEAD", url, headers: this.#given }, watch);
    if (reply.status === undefined) return undefined;
    const offset = reply.header("upload-offset") ?? "";
    const isOne = reply.status < 300 && /^\d{1,15}$/.test(offset) && Number(offset) <= this.#source.length;
    if (isOne) return Number(offset);
    throw this.broken({
      status: undefined,
      cause: new Error(`the host has no offset of it (${reply.status})`),
    });
  }

  /** A failed try where the host had begun to take the file, so that one that breaks each time holds no chat for ever. */
  broken({ cause }: Broken): BridgeError {
    return this.#begun
      ? brokenOff("The file broke off on its way to Signal.", cause)
      : hostUnreachable("Signal", cause);
  }

  async *#from(offset: number): AsyncGenerator<Uint8Array> {
    let skip = offset;
    for await (const chunk of this.#source.bytes()) {
      this.#begun = true;
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }
}

function rest(ms: number, { clock, watch: { signal } }: Resuming): Promise<void> {
  return new Promise((done) => {
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", stop);
      done();
    });
    const stop = (): void => {
      cancel();
      done();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
