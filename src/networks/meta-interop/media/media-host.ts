import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BridgeError } from "../../../core/model/errors.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import { type Clock, isSteady } from "../../../core/ports/clock.ts";
import type { HttpReply, HttpRoute } from "../../../core/ports/http-route.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { Store } from "../../../core/ports/store.ts";
import { hostedFiles } from "../hosted-files.ts";
import { hostedScope } from "../record-scopes.ts";
import { encryptMedia, type MediaDigests, type MediaUse } from "../wire/media-crypto.ts";

const DAY = 86_400_000;
const SWEEP_EVERY = 60 * 60_000;
/** The most downloads at once; more are refused with 503. */
const MAX_DOWNLOADS = 64;
const PATH = "/media/";
/** The record of the last sweep's time. */
const SWEPT = { scope: "hosted", name: "swept" } as const;
const ID = /^[A-Za-z0-9_-]{43}$/;

interface MediaHostParts {
  /** Created where it does not exist. */
  readonly folder: string;
  readonly keepDays: number;
  /** This bridge's public address, without a slash at the end. */
  readonly publicUrl: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Hosts our people's files as ciphertext, which the networks' servers fetch by an unguessable id for a number of days.
 */
export class MediaHost {
  readonly #parts: MediaHostParts;
  /** How often each file is held whose row is not committed yet. */
  readonly #held = new Map<string, number>();
  #users = 0;
  #downloads = 0;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(parts: MediaHostParts) {
    this.#parts = parts;
  }

  /** The URL of a file. */
  urlOf(id: string): string {
    return `${this.#parts.publicUrl}${PATH}${id}`;
  }

  /** Keeps a file from the sweep until it is released: by then its row is committed, or the file is not needed. */
  hold(id: string): Disposable {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#held.get(id) ?? 1) - 1;
        if (left === 0) this.#held.delete(id);
        else this.#held.set(id, left);
      },
    };
  }

  /** Encrypts a file into the folder, piece by piece; file and name are on disk when the promise resolves. */
  async put(
    id: string,
    file: Pick<MediaFile, "read">,
    { mediaKey, use }: { readonly mediaKey: Uint8Array; readonly use: MediaUse },
  ): Promise<MediaDigests> {
    const { folder } = this.#parts;
    const source = file.read();
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const digests = await this.#write(`${this.#pathOf(id)}.part`, encryptMedia(source, mediaKey, use));
      await rename(`${this.#pathOf(id)}.part`, this.#pathOf(id));
      await using directory = await open(folder);
      await directory.sync();
      return digests;
    } catch (cause) {
      if (cause instanceof BridgeError) throw cause;
      throw new BridgeError("storage", {
        words: "The bridge has no room to keep the file. Whoever runs it should look at its disk.",
        certain: true,
        retryAfter: 5_000,
        cause,
      });
    }
  }

  /** Sweeps now and then every hour, until each caller has called the returned function. */
  use(): () => void {
    this.#users += 1;
    if (this.#users === 1) this.#sweepOften();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users -= 1;
      if (this.#users > 0) return;
      this.#cancel?.();
      this.#cancel = undefined;
    };
  }

  /** Removes files that have expired, whose login is gone, or that no row names. One sweep at a time. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping
      .then(() => this.#sweep())
      .catch((error: unknown) => {
        this.#parts.log.warn("hosted files could not be swept", faultOf(error));
      });
    return this.#sweeping;
  }

  get route(): HttpRoute {
    return { method: "GET", path: `${PATH}*`, handle: ({ path }) => this.#serve(path.slice(PATH.length)) };
  }

  async #serve(id: string): Promise<HttpReply> {
    if (this.#downloads >= MAX_DOWNLOADS) return tooMany;
    // Counted before the first await, so that simultaneous requests cannot exceed the limit.
    this.#downloads += 1;
    let isStreaming = false;
    const release = (): void => void (this.#downloads -= 1);
    try {
      const size = await this.#sizeOf(id);
      if (size === undefined) return notHere;
      const body = createReadStream(this.#pathOf(id)).once("close", release);
      // The reader of the stream gets its errors; without a reader an error must not end the process.
      body.on("error", () => undefined);
      isStreaming = true;
      return { status: 200, headers: { ...SERVED, "content-length": String(size) }, body };
    } finally {
      if (!isStreaming) release();
    }
  }

  /** The file's size; undefined where it cannot be fetched. */
  async #sizeOf(id: string): Promise<number | undefined> {
    const { store } = this.#parts;
    const row = ID.test(id) ? await store.family(hostedFiles).get(id) : undefined;
    const login = row && (await store.logins.get(row.login));
    if (!row || row.at < this.#oldest() || login?.state !== "active") return undefined;
    const found = await stat(this.#pathOf(id)).catch(() => undefined);
    return found?.isFile() && found.size === row.size ? row.size : undefined;
  }

  async #write(path: string, stream: AsyncGenerator<Uint8Array, MediaDigests>): Promise<MediaDigests> {
    await using handle = await open(path, "w", 0o600);
    for (;;) {
      const next = await stream.next();
      if (next.done === true) {
        await handle.sync();
        return next.value;
      }
      await handle.writeFile(next.value);
    }
  }

  #sweepOften(): void {
    void this.sweep();
    this.#cancel = this.#parts.clock.after(SWEEP_EVERY, () => this.#sweepOften());
  }

  async #sweep(): Promise<void> {
    const { store, folder, log } = this.#parts;
    for (const id of await store.family(hostedFiles).stale(await this.#expiry())) {
      const row = await store.family(hostedFiles).get(id);
      await store.write((tx) => {
        tx.family(hostedFiles).remove(id);
        if (row) tx.records.remove(hostedScope(row.login), id);
      });
    }
    const onDisk = await readdir(folder).catch(() => []);
    const hosted = new Set(await store.family(hostedFiles).all());
    const orphans = onDisk.filter((name) => {
      const id = name.replace(/\.part$/, "");
      return ID.test(id) && !this.#held.has(id) && (name !== id || !hosted.has(id));
    });
    for (const name of orphans) await unlink(join(folder, name));
    if (orphans.length > 0) log.info("hosted files were removed", { count: orphans.length });
  }

  /** Files hosted before this time are deleted. It is 0 where the clock seems to have jumped. */
  async #expiry(): Promise<number> {
    const { store, clock } = this.#parts;
    const { scope, name } = SWEPT;
    const now = clock.now();
    const lastSweep = await store.records.get(scope, name);
    await store.write((tx) => tx.records.set(scope, name, String(now)));
    return isSteady(now, lastSweep === undefined ? undefined : Number(lastSweep)) ? this.#oldest() : 0;
  }

  #oldest(): number {
    return this.#parts.clock.now() - this.#parts.keepDays * DAY;
  }

  #pathOf(id: string): string {
    return join(this.#parts.folder, id);
  }
}

const SERVED = { "content-type": "application/octet-stream", "cache-control": "private, no-store" };

const tooMany: HttpReply = {
  status: 503,
  headers: { "content-type": "text/plain", "retry-after": "5" },
  body: "Too many at once.\n",
};

const notHere: HttpReply = {
  status: 404,
  headers: { "content-type": "text/plain", "cache-control": "no-store" },
  body: "There is nothing here.\n",
};
