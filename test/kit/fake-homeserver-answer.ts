import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestFault } from "./fake-homeserver-faults.ts";

const PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

/** Bodies that go out with status 201 instead of 200. */
export const created = new WeakSet<object>();

/** The body as text, collected by events, as the benchmark would notice a promise for each chunk. */
export function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let only: Buffer | undefined;
    const more: Buffer[] = [];
    request.on("data", (chunk: Buffer) => {
      if (only === undefined) only = chunk;
      else more.push(chunk);
    });
    request.on("end", () => {
      const whole = only === undefined || more.length === 0 ? only : Buffer.concat([only, ...more]);
      resolve(whole?.toString("utf8") ?? "");
    });
    request.on("error", reject);
  });
}

/** Writes an answer, changed or cut as the fault says. */
export function writeAnswer(
  response: ServerResponse,
  status: number,
  body: unknown,
  fault: RequestFault | undefined,
): void {
  if (fault?.kind === "lose-answer") {
    response.socket?.resetAndDestroy();
    return;
  }
  if (fault?.kind === "slow") {
    setTimeout(() => writeAnswer(response, status, body, undefined), fault.ms);
    return;
  }
  if (fault?.kind === "status" && fault.errcode === undefined) {
    response.writeHead(status, { "content-type": "text/html", "content-length": PAGE.length }).end(PAGE);
    return;
  }
  const text = JSON.stringify(fault?.kind === "status" ? errorOf(fault) : body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  if (fault?.kind === "cut-answer") {
    response.write(text.slice(0, Math.floor(text.length / 2)), () => response.socket?.resetAndDestroy());
  } else response.end(text);
}

function errorOf({ errcode, retryAfterMs }: Extract<RequestFault, { kind: "status" }>): object {
  return {
    errcode,
    error: "as ordered",
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
}
