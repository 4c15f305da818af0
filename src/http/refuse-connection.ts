/** The HTTP status of bytes that are no valid request (RFC 9110, RFC 6585). */
export interface ConnectionRefusal {
  readonly status: 400 | 408 | 431;
  readonly reason: string;
  /** What was wrong, for whoever runs the client. */
  readonly words: string;
}

/** The part of a socket that a refusal needs. */
interface Connection {
  readonly writable: boolean;
  on(event: "error", act: () => void): unknown;
  end(text: string, written: () => void): unknown;
  destroy(): unknown;
}

function kindOf(code: unknown): ConnectionRefusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, reason: "Request Header Fields Too Large", words: "The header is too large." };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, reason: "Request Timeout", words: "The request took too long to arrive." };
    default:
      return { status: 400, reason: "Bad Request", words: "This is not HTTP." };
  }
}

/** Answers a connection that raised Node's `clientError`, with the JSON of `bodyOf`, and ends it. */
export function refuseConnection(
  error: Error,
  connection: Connection,
  bodyOf?: (what: ConnectionRefusal) => string,
): void {
  connection.on("error", () => undefined);
  const code: unknown = Object(error).code;
  if (!connection.writable || code === "ECONNRESET") {
    connection.destroy();
    return;
  }
  const what = kindOf(code);
  const body = bodyOf === undefined ? "" : bodyOf(what);
  const type = body === "" ? "" : "content-type: application/json\r\n";
  const head = `HTTP/1.1 ${what.status} ${what.reason}\r\nconnection: close\r\n${type}`;
  connection.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () =>
    connection.destroy(),
  );
}
