import { Readable } from "node:stream";
import type { Dispatcher, Pool } from "undici";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { HomeserverFile, MediaFile, MediaTools } from "../../core/model/media.ts";
import { cleanFileName } from "../../core/model/names.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { TransferWatch, watched } from "../../core/runtime/transfer-watch.ts";
import { openSealed } from "../crypto/file-cipher.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, faultOfSocket, refusalOf } from "../http/homeserver-error.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { type Mxc, parseMxc } from "../http/mxc.ts";
import { type Requests, route } from "../http/requests.ts";

interface ContentRepositoryParts {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  /** For requests without a file. */
  readonly requests: Requests;
  readonly spool: MediaTools["spool"];
  readonly clock: Clock;
  /** When it aborts, transfers end. */
  readonly stopping: AbortSignal | undefined;
}

/** Milliseconds in which the homeserver stores a large file after its last byte. */
const STORE_TIMEOUT = 180_000;
/** Milliseconds that the homeserver waits for a file whose sender is still uploading it. */
const UPLOAD_WAIT = 20_000;
/** Milliseconds for the answer after that, and for an error's body. */
const ANSWER_TIMEOUT = 20_000;
const RETRY_AFTER = 5000;
const LIMIT_KEPT = 3_600_000;
const LARGEST_ERROR = 65_536;
/** The most transfers at once, so many that slow ones do not take every socket. */
const CONNECTIONS = 64;

interface FileRequest {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
  /** Milliseconds until the answer begins. */
  readonly headersTimeout: number;
}

/** Files at the homeserver (spec: Content Repository), streamed in both directions over sockets of their own. */
export class ContentRepository implements AsyncDisposable {
  readonly #parts: ContentRepositoryParts;
  #pool: Promise<Pool> | undefined;
  readonly #prefix: string;
  #limit: { readonly at: number; readonly bytes: number | undefined } | undefined;

  constructor(parts: ContentRepositoryParts) {
    this.#parts = parts;
    this.#prefix = new URL(parts.homeserverUrl).pathname.replace(/\/+$/, "");
  }

  async reserve(as: UserId): Promise<string> {
    const { requests } = this.#parts;
    const { content_uri: uri } = await requests.json({
      method: "POST",
      path: route`/_matrix/media/v1/create`,
      as,
      body: {},
    });
    if (parseMxc(uri) !== undefined) return uri as string;
    throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
  }

  async put(
    as: UserId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    { mimetype, name }: { readonly mimetype: string; readonly name: string | undefined },
  ): Promise<void> {
    const { server, id } = addressOf(uri);
    const filename = name === undefined ? undefined : cleanFileName(name);
    using watch = this.#watch("The homeserver takes the file so slowly that it was given up.");
    const body = Readable.from(sent(file, watch), { objectMode: false });
    const answer = await this.#ask(watch, {
      method: "PUT",
      path: `${route`/_matrix/media/v3/upload/${server}/${id}`}${queryOf({ user_id: as, ...(filename === undefined ? {} : { filename }) })}`,
      headers: { "content-type": mimetype, "content-length": String(file.size) },
      body,
      headersTimeout: STORE_TIMEOUT,
    });
    const reply = await replyOf(answer, watch);
    // An earlier try has uploaded the file.
    if (reply.status === 409 && errcodeOf(reply.body) === "M_CANNOT_OVERWRITE_MEDIA") return;
    if (reply.status < 200 || reply.status >= 300) throw uploadFault(faultOfReply(reply));
  }

  /** Downloads a file; redirects are not followed, as files come only from our own homeserver. */
  async open({ uri, key }: HomeserverFile, limit: number): Promise<MediaFile> {
    using watch = this.#watch("The file came so slowly from the homeserver that it was given up.");
    const answer = await this.#download(uri, UPLOAD_WAIT, watch);
    if (answer.statusCode !== 200) throw downloadFault(faultOfReply(await replyOf(answer, watch)));
    const bytes = untilBroken(answer.body, watch);
    return await this.#parts.spool(key === undefined ? bytes : openSealed(bytes, key), limit);
  }

  /** Whether the homeserver has the file; its body is not read. */
  async has(uri: string): Promise<boolean> {
    using watch = this.#watch("The homeserver answers so slowly that it was given up.");
    const answer = await this.#download(uri, 0, watch);
    // A redirect too means that the homeserver has the file.
    if (answer.statusCode < 400) {
      answer.body.on("error", () => undefined).destroy();
      return true;
    }
    const fault = faultOfReply(await replyOf(answer, watch));
    const code = refusalOf(fault)?.code;
    if (code === "M_NOT_FOUND" || code === "M_NOT_YET_UPLOADED") return false;
    throw fault;
  }

  /** `wait`: milliseconds for which the homeserver waits for a file that is still to be uploaded. */
  #download(uri: string, wait: number, watch: TransferWatch) {
    const { server, id } = addressOf(uri);
    const query = queryOf({ user_id: this.#parts.bot, timeout_ms: String(wait) });
    const path = `${route`/_matrix/client/v1/media/download/${server}/${id}`}${query}`;
    return this.#ask(watch, { method: "GET", path, headersTimeout: UPLOAD_WAIT + ANSWER_TIMEOUT });
  }

  async limit(): Promise<number | undefined> {
    const { requests, bot, clock } = this.#parts;
    if (this.#limit && Math.abs(clock.now() - this.#limit.at) < LIMIT_KEPT) return this.#limit.bytes;
    const path = route`/_matrix/client/v1/media/config`;
    const reply = await requests.ask({ method: "GET", path, as: bot });
    if (reply.status !== 200 && (reply.status !== 404 || errcodeOf(reply.body) === undefined))
      throw faultOfReply(reply);
    const size = fieldOf(reply.body, "m.upload.size");
    const bytes = typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
    this.#limit = { at: clock.now(), bytes };
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#pool)?.destroy();
  }

  #watch(words: string): TransferWatch {
    const { clock, stopping } = this.#parts;
    return new TransferWatch({ clock, stopping, words });
  }

  async #ask({ signal }: TransferWatch, options: FileRequest): Promise<Dispatcher.ResponseData> {
    try {
      this.#pool ??= openPool(this.#parts.homeserverUrl);
      const pool = await this.#pool;
      return await pool.request({
        ...options,
        signal,
        path: this.#prefix + options.path,
        headers: { authorization: `Bearer ${this.#parts.asToken}`, ...options.headers },
      });
    } catch (error) {
      throw brokenBy(error, signal);
    }
  }
}

/** undici is loaded with the first file, as the start needs none. */
async function openPool(homeserverUrl: string): Promise<Pool> {
  const { Pool } = await import("undici");
  return new Pool(new URL(homeserverUrl).origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connect: { timeout: 10_000 },
  });
}

function queryOf(values: Readonly<Record<string, string>>): string {
  return `?${Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join("&")}`;
}

function addressOf(uri: string): Mxc {
  const mxc = parseMxc(uri);
  if (mxc !== undefined) return mxc;
  throw new BridgeError("bad-input", { words: "The file's address is malformed.", certain: true });
}

/** An answer without a file; its body is read up to `LARGEST_ERROR`. */
async function replyOf({ statusCode, headers, body }: Dispatcher.ResponseData, watch: TransferWatch) {
  watch.expectEndWithin(ANSWER_TIMEOUT);
  let text = "";
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      text += chunk.toString("utf8");
      if (text.length > LARGEST_ERROR) break;
    }
  } catch (error) {
    throw brokenBy(error, watch.signal);
  }
  const retryAfter = headers["retry-after"];
  return {
    status: statusCode,
    retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
    body: jsonOf(text),
  };
}

/** The file's bytes. Throws where the file cannot be read or its length has changed: neither is the homeserver's fault. */
async function* sent(
  file: Pick<MediaFile, "size" | "read">,
  watch: TransferWatch,
): AsyncGenerator<Uint8Array> {
  let left = file.size;
  try {
    for await (const chunk of watched(file.read(), watch)) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
  } catch (cause) {
    throw new BridgeError("storage", {
      words: "The file could not be read.",
      certain: true,
      retryAfter: 0,
      cause,
    });
  }
  if (left !== 0)
    throw new BridgeError("internal", { words: "The file changed while it was sent.", certain: true });
  watch.expectEndWithin(STORE_TIMEOUT);
}

/** The bytes of a download; a failure is told as the homeserver's, not as the disk's to which they are written. */
async function* untilBroken(
  body: AsyncIterable<Uint8Array>,
  watch: TransferWatch,
): AsyncGenerator<Uint8Array> {
  try {
    yield* watched(body, watch);
  } catch (error) {
    throw brokenBy(error, watch.signal);
  }
}

/** The error that ended a transfer: its watch's, the file's, or the connection's. */
function brokenBy(error: unknown, { aborted, reason }: AbortSignal): unknown {
  if (aborted) return reason;
  return error instanceof BridgeError ? error : faultOfSocket(error);
}

function uploadFault(fault: BridgeError): BridgeError {
  const { cause } = fault;
  if (fault.reason === "too-large") {
    const words = "The file is larger than your homeserver takes. Its administrator can raise the limit.";
    return new BridgeError("too-large", { words, certain: true, cause });
  }
  const { status, code } = refusalOf(fault) ?? {};
  // The homeserver drops a reserved address after a day; the caller reserves another.
  if ((status === 404 || status === 403) && code !== "no-errcode") {
    const words = "The homeserver no longer keeps the place that was reserved for the file.";
    return new BridgeError("gone", { words, certain: true, retryAfter: 0, cause });
  }
  return fault;
}

function downloadFault(fault: BridgeError): BridgeError {
  const { cause } = fault;
  const refusal = refusalOf(fault);
  if (refusal?.code === "M_NOT_YET_UPLOADED") {
    const words = "Your client has not finished uploading the file.";
    return new BridgeError("not-found", { words, certain: true, retryAfter: RETRY_AFTER, cause });
  }
  if (refusal !== undefined && refusal.status >= 300 && refusal.status < 400) {
    const words = "The homeserver keeps the file elsewhere, and the bridge follows no redirects.";
    return new BridgeError("forbidden", { words, certain: true, cause });
  }
  if (fault.reason === "not-found" || refusal?.code === "M_NOT_FOUND") {
    const words = "The homeserver does not have the file any more. Please send it again.";
    return new BridgeError("not-found", { words, certain: true, cause });
  }
  return fault;
}
