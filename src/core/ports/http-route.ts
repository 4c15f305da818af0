export interface HttpRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}
export interface HttpRoute {
  readonly method: "GET" | "POST";
  /** Exact, or a prefix where it ends in `/*`. */
  readonly path: string;
  handle(request: HttpRequest): Promise<HttpReply>;
}
