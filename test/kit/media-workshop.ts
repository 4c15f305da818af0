import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { MediaFile } from "../../src/core/model/media.ts";
import { openMediaTools } from "../../src/media/tools.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const nobody = (): void => undefined;

/** The real media tools in a folder of their own, and files to send. */
export class MediaWorkshop implements AsyncDisposable {
  readonly tools: Awaited<ReturnType<typeof openMediaTools>>;
  /** Where files are hosted. */
  readonly hosted: string;
  /** The folder of files in transfer. */
  readonly spool: string;
  readonly #folder: Disposable;

  constructor(tools: MediaWorkshop["tools"], folder: Disposable & { readonly path: string }) {
    this.tools = tools;
    this.#folder = folder;
    this.hosted = join(folder.path, "hosted");
    this.spool = join(folder.path, "spool");
  }

  static async open(searchPath = process.env["PATH"] ?? ""): Promise<MediaWorkshop> {
    const folder = temporaryFolder();
    const log = { error: nobody, warn: nobody, info: nobody, debug: nobody };
    const tools = await openMediaTools({ folder: join(folder.path, "spool"), searchPath, log });
    return new MediaWorkshop(tools, folder);
  }

  /** A file as the homeserver would give it. */
  file(bytes: Uint8Array): Promise<MediaFile> {
    return this.tools.spool(pieces(bytes), bytes.length);
  }

  /** The names of the files in transfer. */
  underway(): readonly string[] {
    return readdirSync(this.spool);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tools[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

export async function noFiles(): Promise<never> {
  throw new Error("this message has no file");
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
