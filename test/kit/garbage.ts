import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

/** Strings and bytes that are malformed everywhere. */
export function garbage(): readonly Uint8Array[] {
  const text = (value: string): Uint8Array => Buffer.from(value);
  return [
    text(""),
    text("{"),
    text("null"),
    text("[]"),
    text('"text"'),
    text("1e999"),
    text("<html><body>It works!</body></html>"),
    text(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`),
    text("[".repeat(100_000)),
    text('{"__proto__":{"events":[]},"constructor":null}'),
    text('{"events":{"length":1000000000}}'),
    text('{"events":[null,1,"x",[],{},{"type":7,"content":[]}]}'),
    Uint8Array.from([0xff, 0xfe, 0x00, 0xd8, 0x00]),
    ...Array.from({ length: 10 }, () => randomBytes(randomInt(1, 5000))),
  ];
}

/** Sends raw bytes to a port, ends, and waits until the other side has closed. */
export async function sendRaw(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.resume();
  const closed = once(socket, "close").catch(() => undefined);
  socket.end(bytes);
  await closed;
}

/** HTTP requests that are truncated or malformed, each in another way. */
export const brokenHttp: readonly Uint8Array[] = [
  "GET",
  "GET / HTTP/9.9\r\n\r\n",
  "POST /interop/push HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
  `GET /${"a".repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  `GET / HTTP/1.1\r\nhost: x\r\n${"x-h: y\r\n".repeat(5000)}\r\n`,
].map((text) => Buffer.from(text));
