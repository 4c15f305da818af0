import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MatrixFault } from "./fake-homeserver-state.ts";

export interface FakeFile {
  readonly owner: string;
  readonly path: string;
  /** Bytes; undefined until the upload. */
  size: number | undefined;
  type: string;
  name: string | undefined;
}

interface MediaRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Answered = { readonly kind: "json"; readonly body: Record<string, unknown> } | { readonly kind: "sent" };

const UPLOAD = /^\/_matrix\/media\/v3\/upload\/([^/]+)\/([^/]+)$/;
const DOWNLOAD = /^\/_matrix\/client\/v1\/media\/download\/([^/]+)\/([^/]+)(?:\/[^/]+)?$/;

/** The content repository of the fake homeserver; files are on disk, so that large ones cost no memory. */
export class FakeMedia implements Disposable {
  readonly files = new Map<string, FakeFile>();
  /** The largest upload in bytes; undefined where the server states none. */
  limit: number | undefined = 200 * 1024 * 1024;
  /** The address to which downloads are redirected, if set. */
  redirect: string | undefined;
  /** The number of bytes after which downloads are cut, if set. */
  cut: number | undefined;
  readonly #serverName: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "fake-media-"));

  constructor(serverName: string) {
    this.#serverName = serverName;
  }

  static takes(path: string): boolean {
    return path.startsWith("/_matrix/media/") || path.startsWith("/_matrix/client/v1/media/");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  bytes(uri: string): Promise<Buffer> {
    return readFile(this.#file(uri).path);
  }

  file(uri: string): FakeFile {
    return this.#file(uri);
  }

  /** Drops a reserved address, as after a day without an upload. */
  expire(uri: string): void {
    this.files.delete(uri);
  }

  async answer(asked: MediaRequest): Promise<Answered> {
    const { method, path, query, user, request } = asked;
    if (method === "POST" && path === "/_matrix/media/v1/create")
      return json({ content_uri: this.#reserve(user) });
    if (method === "POST" && path === "/_matrix/media/v3/upload") {
      const uri = this.#reserve(user);
      await this.#store(this.#file(uri), request, query);
      return json({ content_uri: uri });
    }
    if (method === "GET" && path === "/_matrix/client/v1/media/config") {
      return json(this.limit === undefined ? {} : { "m.upload.size": this.limit });
    }
    const [, putServer = "", putId = ""] = UPLOAD.exec(path) ?? [];
    if (method === "PUT" && putId !== "") {
      await this.#put(`mxc://${putServer}/${putId}`, user, request, query);
      return json({});
    }
    const [, server = "", id = ""] = DOWNLOAD.exec(path) ?? [];
    if (method === "GET" && id !== "") return this.#send(`mxc://${server}/${id}`, asked.response);
    throw new MatrixFault(404, "M_UNRECOGNIZED", "Unrecognized request");
  }

  #file(uri: string): FakeFile {
    const file = this.files.get(uri);
    if (file === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "Not found");
    return file;
  }

  #reserve(owner: string): string {
    const id = randomBytes(12).toString("hex");
    const uri = `mxc://${this.#serverName}/${id}`;
    this.files.set(uri, { owner, path: join(this.#folder, id), size: undefined, type: "", name: undefined });
    return uri;
  }

  /** Takes an upload; as in Synapse the whole body is read before a refusal. */
  async #put(uri: string, user: string, request: IncomingMessage, query: URLSearchParams): Promise<void> {
    const file = this.files.get(uri);
    const refused =
      file === undefined
        ? new MatrixFault(404, "M_NOT_FOUND", "Unknown media ID")
        : file.owner !== user
          ? new MatrixFault(403, "M_FORBIDDEN", "Only the creator may upload")
          : file.size === undefined
            ? undefined
            : new MatrixFault(409, "M_CANNOT_OVERWRITE_MEDIA", "Media ID cannot be overwritten");
    if (file === undefined || refused !== undefined) {
      await drained(request);
      throw refused ?? new MatrixFault(404, "M_NOT_FOUND", "Unknown media ID");
    }
    await this.#store(file, request, query);
  }

  async #store(file: FakeFile, request: IncomingMessage, query: URLSearchParams): Promise<void> {
    const size = Number(request.headers["content-length"]);
    if (this.limit !== undefined && size > this.limit) {
      await drained(request);
      throw new MatrixFault(413, "M_TOO_LARGE", "Upload request body is too large");
    }
    await pipeline(request, createWriteStream(file.path));
    file.size = size;
    file.type = request.headers["content-type"] ?? "";
    file.name = query.get("filename") ?? undefined;
  }

  async #send(uri: string, response: ServerResponse): Promise<Answered> {
    const { size, type, path } = this.#file(uri);
    if (size === undefined)
      throw new MatrixFault(504, "M_NOT_YET_UPLOADED", "Media has not been uploaded yet");
    if (this.redirect !== undefined) {
      response.writeHead(307, { location: this.redirect }).end();
      return { kind: "sent" };
    }
    response.writeHead(200, { "content-type": type, "content-length": size });
    if (this.cut !== undefined) {
      response.write(Buffer.alloc(this.cut), () => response.socket?.resetAndDestroy());
      return { kind: "sent" };
    }
    await pipeline(createReadStream(path), response);
    return { kind: "sent" };
  }
}

const json = (body: Record<string, unknown>): Answered => ({ kind: "json", body });

async function drained(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}
