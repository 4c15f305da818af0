import { Agent, type Dispatcher } from "undici";
import type { SignalServers } from "../servers.ts";

interface CdnParts {
  readonly servers: Pick<SignalServers, "cdns" | "ca">;
  /** The header `User-Agent`. */
  readonly userAgent: string;
}

/** Signal's hosts of files: where each file is, and a connection that trusts Signal's certificate alone. */
export class Cdn implements AsyncDisposable {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  readonly #cdns: ReadonlyMap<number, string>;

  constructor({ servers: { cdns, ca }, userAgent }: CdnParts) {
    this.#cdns = cdns;
    this.headers = { "user-agent": userAgent };
    this.dispatcher = new Agent({ connect: { ca } });
  }

  /** Undefined where there is no such host, or the key is none. */
  attachment(cdn: number, key: string): URL | undefined {
    return this.#at(cdn, `attachments/${key}`);
  }

  /** `path` as a profile has it, or a group for its own. */
  profilePicture(path: string): URL | undefined {
    return this.#at(0, path);
  }

  /** Where pictures are brought, each under a path that a form names. */
  get pictures(): string {
    return `${this.#cdns.get(0) ?? ""}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispatcher.destroy();
  }

  /** Whoever sent the path may have meant another place of the host, so each of its parts stays one. */
  #at(cdn: number, path: string): URL | undefined {
    const base = this.#cdns.get(cdn);
    const parts = path.split("/");
    const isPlain = path.isWellFormed() && !parts.some((part) => ["", ".", ".."].includes(part));
    if (base === undefined || !isPlain) return undefined;
    return new URL(`${base}/${parts.map(encodeURIComponent).join("/")}`);
  }
}
