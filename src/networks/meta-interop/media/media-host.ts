import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BridgeError } from "../../../core/model/errors.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import { type Clock, isSteady } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { HttpReply, HttpRoute } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { hostedFiles } from "../hosted-files.ts";
import { hostedScope } from "../record-scopes.ts";
import { encryptMedia, type MediaDigests, type MediaUse } from "../wire/media-crypto.ts";

const DAY = 86_400_000;
const SWEEP_EVERY = 60 * 60_000;
/** Files sent at once; whoever asks for more is asked to come back. */
const AT_ONCE = 64;
const PATH = "/media/";
/** The record of when files were last swept. */
const SWEPT = { scope: "hosted", name: "swept" } as const;
const ID = /^[A-Za-z0-9_-]{43}$/;

interface MediaHostOptions {
  /** Made where it is not there yet. */
  readonly folder: string;
  readonly keepDays: number;
  /** This bridge's public address, without a slash at the end. */
  readonly publicUrl: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Files of our people as ciphertext, which the networks' servers fetch: by unguessable id, for a number of days. */
export class MediaHost {
  readonly #options: MediaHostOptions;
  /** Files whose rows are not committed yet. */
  readonly #placing = new Map<string, number>();
  #users = 0;
  #sending = 0;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: MediaHostOptions) {
    this.#options = options;
  }

  /** Where the file can be fetched. */
  urlOf(id: string): string {
    return `${this.#options.publicUrl}${PATH}${id}`;
  }

  /** Keeps a file from being swept until it is released: its row is then committed, or it is of no use. */
  hold(id: string): Disposable {
    this.#placing.set(id, (this.#placing.get(id) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#placing.get(id) ?? 1) - 1;
        if (left === 0) this.#placing.delete(id);
        else this.#placing.set(id, left);
      },
    };
  }

  /** Encrypts a file into the folder, in pieces; it and its name are on disk when the promise resolves. */
  async place(
    id: string,
    file: Pick<MediaFile, "read">,
    { mediaKey, use }: { readonly mediaKey: Uint8Array; readonly use: MediaUse },
  ): Promise<MediaDigests> {
    const { folder } = this.#options;
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

  /** Sweeps now and from time to time, until as many have let go as have asked for it. */
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

  /** Removes what has expired, what belongs to nobody any more, and what no row knows. One sweep at a time. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping
      .then(() => this.#sweep())
      .catch((error: unknown) => {
        this.#options.log.warn("hosted files could not be swept", faultOf(error));
      });
    return this.#sweeping;
  }

  get route(): HttpRoute {
    return { method: "GET", path: `${PATH}*`, handle: ({ path }) => this.#serve(path.slice(PATH.length)) };
  }

  async #serve(id: string): Promise<HttpReply> {
    if (this.#sending >= AT_ONCE) return tooMany;
    // Taken before anything is waited for, or many who ask at once would all find it free.
    this.#sending += 1;
    let isKept = false;
    const release = (): void => void (this.#sending -= 1);
    try {
      const size = await this.#sizeOf(id);
      if (size === undefined) return notHere;
      const body = createReadStream(this.#pathOf(id)).once("close", release);
      // Whoever reads it hears of a fault; a stream that is given up has nobody to tell.
      body.on("error", () => undefined);
      isKept = true;
      return { status: 200, headers: { ...SERVED, "content-length": String(size) }, body };
    } finally {
      if (!isKept) release();
    }
  }

  /** Undefined where there is no such file to be fetched. */
  async #sizeOf(id: string): Promise<number | undefined> {
    const { store } = this.#options;
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
    this.#cancel = this.#options.clock.after(SWEEP_EVERY, () => this.#sweepOften());
  }

  async #sweep(): Promise<void> {
    const { store, folder, log } = this.#options;
    for (const id of await store.family(hostedFiles).stale(await this.#expiry())) {
      const row = await store.family(hostedFiles).get(id);
      await store.write((tx) => {
        tx.family(hostedFiles).remove(id);
        if (row) tx.records.remove(hostedScope(row.login), id);
      });
    }
    const onDisk = await readdir(folder).catch(() => []);
    const known = new Set(await store.family(hostedFiles).all());
    const strays = onDisk.filter((name) => {
      const id = name.replace(/\.part$/, "");
      return ID.test(id) && !this.#placing.has(id) && (name !== id || !known.has(id));
    });
    for (const name of strays) await unlink(join(folder, name));
    if (strays.length > 0) log.info("hosted files were removed", { count: strays.length });
  }

  /** Files hosted before this are deleted: none by a time that may be a jump of the clock. */
  async #expiry(): Promise<number> {
    const { store, clock } = this.#options;
    const { scope, name } = SWEPT;
    const now = clock.now();
    const before = await store.records.get(scope, name);
    await store.write((tx) => tx.records.set(scope, name, String(now)));
    return isSteady(now, before === undefined ? undefined : Number(before)) ? this.#oldest() : 0;
  }

  #oldest(): number {
    return this.#options.clock.now() - this.#options.keepDays * DAY;
  }

  #pathOf(id: string): string {
    return join(this.#options.folder, id);
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
