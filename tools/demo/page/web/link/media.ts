import type { MatrixClient } from "matrix-js-sdk";
import { useEffect, useState } from "preact/hooks";

/** The files of the homeserver, which gives them to its people only: fetched with the token, kept as blobs. */
export class MediaCache {
  readonly #client: MatrixClient;
  readonly #found = new Map<string, Promise<string>>();

  constructor(client: MatrixClient) {
    this.#client = client;
  }

  /** An address of the file on this page. Rejects where it cannot be had; the next call tries again. */
  address(mxc: string): Promise<string> {
    const known = this.#found.get(mxc);
    if (known !== undefined) return known;
    const found = this.#fetch(mxc);
    this.#found.set(mxc, found);
    found.catch(() => this.#found.delete(mxc));
    return found;
  }

  close(): void {
    for (const found of this.#found.values())
      void found.then(
        (src) => URL.revokeObjectURL(src),
        () => undefined,
      );
    this.#found.clear();
  }

  async #fetch(mxc: string): Promise<string> {
    const url = this.#client.mxcUrlToHttp(mxc, undefined, undefined, undefined, false, true, true);
    if (url === null) throw new Error("no address of a file");
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${this.#client.getAccessToken() ?? ""}` },
    });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return URL.createObjectURL(await response.blob());
  }
}

interface Tried {
  readonly src: string | undefined;
  readonly failed: boolean;
  readonly again: () => void;
}

/** The file's address once it is here. @param mxc what is no such address is undefined. */
export function useMedia(media: MediaCache, mxc: string | undefined): Tried {
  const [tried, setTried] = useState(0);
  const [found, setFound] = useState<{ readonly src?: string; readonly failed: boolean }>({ failed: false });
  useEffect(() => {
    if (mxc === undefined) return undefined;
    let stale = false;
    setFound({ failed: false });
    media.address(mxc).then(
      (src) => stale || setFound({ src, failed: false }),
      () => stale || setFound({ failed: true }),
    );
    return () => {
      stale = true;
    };
  }, [media, mxc, tried]);
  return { src: found.src, failed: found.failed, again: () => setTried(tried + 1) };
}
