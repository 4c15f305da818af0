/** What came over a connection and was no request, as HTTP names it (RFC 9110, RFC 6585). */
export interface NoRequest {
  readonly status: 400 | 408 | 431;
  readonly reason: string;
  /** For whoever looks for the cause. */
  readonly words: string;
}

/** A socket, as far as a refusal needs it. */
interface Connection {
  readonly writable: boolean;
  on(event: "error", act: () => void): unknown;
  end(text: string, written: () => void): unknown;
  destroy(): unknown;
}

function kindOf(code: unknown): NoRequest {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, reason: "Request Header Fields Too Large", words: "The header is too large." };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, reason: "Request Timeout", words: "The request took too long to arrive." };
    default:
      return { status: 400, reason: "Bad Request", words: "This is not HTTP." };
  }
}

/** Answers Node's `clientError`, in JSON where the body is given, and ends the connection. */
export function refuseConnection(
  error: Error,
  connection: Connection,
  bodyOf?: (what: NoRequest) => object,
): void {
  connection.on("error", () => undefined);
  const code: unknown = Object(error).code;
  if (!connection.writable || code === "ECONNRESET") {
    connection.destroy();
    return;
  }
  const what = kindOf(code);
  const body = bodyOf === undefined ? "" : JSON.stringify(bodyOf(what));
  const type = body === "" ? "" : "content-type: application/json\r\n";
  const head = `HTTP/1.1 ${what.status} ${what.reason}\r\nconnection: close\r\n${type}`;
  connection.end(`${head}content-length: ${body.length}\r\n\r\n${body}`, () => connection.destroy());
}
